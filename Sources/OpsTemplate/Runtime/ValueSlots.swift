import Foundation

/// A fixed number of places for values, none of them set at first.
///
/// Memory of its own: an array would be checked at every step for being shared and for overlapping accesses. By
/// `malloc`, since Swift's `allocate` asks glibc for an alignment, which takes it several times as long.
struct ValueSlots: ~Copyable {
    /// A place for a value. Not copyable, so that looking at its value is no copy of that either, which would be counted.
    struct Slot: ~Copyable {
        fileprivate(set) var value: JinjaValue?
    }

    private let memory: UnsafeMutableBufferPointer<Slot>

    init(count: Int) {
        guard count > 0, let raw = malloc(count * MemoryLayout<Slot>.stride) else {
            memory = .init(start: nil, count: 0)
            return
        }
        memory = .init(start: raw.bindMemory(to: Slot.self, capacity: count), count: count)
        for index in memory.indices { memory.initializeElement(at: index, to: Slot(value: nil)) }
    }

    deinit {
        memory.deinitialize()
        free(memory.baseAddress)
    }

    var count: Int { memory.count }

    subscript(index: Int) -> JinjaValue? {
        get { memory[index].value }
        nonmutating set { memory[index].value = newValue }
    }

    /// Lends a place to `body`, which must not set it.
    @inline(__always)
    func lend<T>(_ index: Int, to body: (borrowing Slot) throws -> T) rethrows -> T { try body(memory[index]) }

    func clear(_ range: Range<Int>) { for index in range { memory[index].value = nil } }

    func clear() { clear(0..<count) }

    /// Those that are set.
    var values: [JinjaValue] { memory.indices.compactMap { memory[$0].value } }
}
