import OpsCore

/// Stable sorting with keys, as Python's.
enum Sorting {
    static func sorted(_ items: [JinjaValue], reverse: Bool = false) throws -> [JinjaValue] {
        try sorted(items, reverse: reverse) { $0 }
    }

    static func sorted<T>(_ items: [T], reverse: Bool = false, key: (T) throws -> JinjaValue) throws -> [T] {
        var keyed = try items.map { (key: try key($0), value: $0) }
        if reverse { keyed.reverse() }
        let sorted = try mergeSort(keyed) { try $0.key.isLess(than: $1.key) }
        let values = sorted.map(\.value)
        return reverse ? values.reversed() : values
    }

    /// Sorts by merging, which is stable; `sort` of the standard library does not promise it.
    private static func mergeSort<T>(_ items: [T], _ isLess: (T, T) throws -> Bool) throws -> [T] {
        guard items.count > 1 else { return items }
        let middle = items.count / 2
        let left = try mergeSort(Array(items[..<middle]), isLess)
        let right = try mergeSort(Array(items[middle...]), isLess)
        var merged: [T] = []
        merged.reserveCapacity(items.count)
        var (a, b) = (0, 0)
        while a < left.count, b < right.count {
            if try isLess(right[b], left[a]) { merged.append(right[b]); b += 1 } else { merged.append(left[a]); a += 1 }
        }
        return merged + left[a...] + right[b...]
    }
}
