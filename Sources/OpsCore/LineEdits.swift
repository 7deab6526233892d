/// One line of an edit script; the indices count lines of the old and the new text from 0.
enum LineEdit: Equatable {
    case keep(old: Int, new: Int)
    /// `new` is where in the new text the line would have stood.
    case delete(old: Int, new: Int)
    /// `old` is where in the old text the line would have stood.
    case insert(old: Int, new: Int)

    var isKept: Bool { if case .keep = self { true } else { false } }

    var position: (old: Int, new: Int) {
        switch self {
        case .keep(let old, let new), .delete(let old, let new), .insert(let old, let new): (old, new)
        }
    }
}

/// The shortest edit script between two lists of lines, given as numbers that are equal for equal lines.
///
/// Eugene W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986), section 4.
/// The standard library's `difference(from:)` is the same algorithm, without a bound on its memory.
enum LineEdits {
    /// Beyond this many changed lines the differing part is given as replaced whole. Memory grows with its square.
    static let maximumDistance = 1000

    static func from(_ old: [Int], to new: [Int]) -> [LineEdit] {
        let prefix = zip(old, new).prefix { $0 == $1 }.count
        let rest = min(old.count, new.count) - prefix
        let suffix = zip(old.reversed(), new.reversed()).prefix(rest).prefix { $0 == $1 }.count
        let (oldEnd, newEnd) = (old.count - suffix, new.count - suffix)

        var edits = (0..<prefix).map { LineEdit.keep(old: $0, new: $0) }
        edits += changed(Array(old[prefix..<oldEnd]), Array(new[prefix..<newEnd]), offset: prefix)
        edits += (0..<suffix).map { .keep(old: oldEnd + $0, new: newEnd + $0) }
        return deletionsFirst(edits)
    }

    private static func changed(_ old: [Int], _ new: [Int], offset: Int) -> [LineEdit] {
        if !old.isEmpty, !new.isEmpty, let trace = furthestReaching(old, new) {
            return path(through: trace, old.count, new.count, offset: offset)
        }
        return old.indices.map { .delete(old: offset + $0, new: offset) }
            + new.indices.map { .insert(old: offset + old.count, new: offset + $0) }
    }

    /// Per distance d: how far along the old text each diagonal -d...d gets. Nil beyond the maximum distance.
    private static func furthestReaching(_ old: [Int], _ new: [Int]) -> [[Int]]? {
        var trace: [[Int]] = []
        var previous: [Int] = []
        for distance in 0...min(old.count + new.count, maximumDistance) {
            var reached = [Int](repeating: 0, count: 2 * distance + 1)
            for diagonal in stride(from: -distance, through: distance, by: 2) {
                var x = start(on: diagonal, distance, after: previous)
                while x < old.count, x - diagonal < new.count, old[x] == new[x - diagonal] { x += 1 }
                reached[diagonal + distance] = x
                if x >= old.count, x - diagonal >= new.count { return trace + [reached] }
            }
            trace.append(reached)
            previous = reached
        }
        return nil
    }

    /// Where a path of this distance enters the diagonal: down from the one above, or right from the one below.
    private static func start(on diagonal: Int, _ distance: Int, after previous: [Int]) -> Int {
        guard distance > 0 else { return 0 }
        return goesDown(on: diagonal, distance, after: previous)
            ? previous[diagonal + distance] : previous[diagonal + distance - 2] + 1
    }

    private static func goesDown(on diagonal: Int, _ distance: Int, after previous: [Int]) -> Bool {
        // `previous` starts at diagonal -(distance - 1), so diagonal + 1 is found at diagonal + distance.
        if diagonal == -distance { return true }
        if diagonal == distance { return false }
        return previous[diagonal + distance - 2] < previous[diagonal + distance]
    }

    /// Walks back from the end.
    private static func path(through trace: [[Int]], _ oldCount: Int, _ newCount: Int, offset: Int) -> [LineEdit] {
        var edits: [LineEdit] = []
        var (x, y) = (oldCount, newCount)
        for distance in trace.indices.reversed() {
            let diagonal = x - y
            let down = distance > 0 && goesDown(on: diagonal, distance, after: trace[distance - 1])
            let entered = distance == 0 ? 0 : start(on: diagonal, distance, after: trace[distance - 1])
            while x > entered {
                (x, y) = (x - 1, y - 1)
                edits.append(.keep(old: offset + x, new: offset + y))
            }
            guard distance > 0 else { break }
            if down {
                y -= 1
                edits.append(.insert(old: offset + x, new: offset + y))
            } else {
                x -= 1
                edits.append(.delete(old: offset + x, new: offset + y))
            }
        }
        return edits.reversed()
    }

    /// Between two kept lines, shows what goes before what comes, as `diff` does.
    private static func deletionsFirst(_ edits: [LineEdit]) -> [LineEdit] {
        var result: [LineEdit] = []
        var (deleted, inserted): ([Int], [Int]) = ([], [])
        func flush(old: Int, new: Int) {
            result += deleted.map { .delete(old: $0, new: new - inserted.count) }
            result += inserted.map { .insert(old: old, new: $0) }
            (deleted, inserted) = ([], [])
        }
        var (old, new) = (0, 0)
        for edit in edits {
            switch edit {
            case .keep(let keptOld, let keptNew):
                flush(old: keptOld, new: keptNew)
                result.append(edit)
                (old, new) = (keptOld + 1, keptNew + 1)
            case .delete(let index, _):
                deleted.append(index)
                old = index + 1
            case .insert(_, let index):
                inserted.append(index)
                new = index + 1
            }
        }
        flush(old: old, new: new)
        return result
    }
}
