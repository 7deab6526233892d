import Foundation

/// A fixed number of places for values, none of them set at first.
///
/// Memory of its own: an array would be checked at every step for being shared and for overlapping accesses. By
/// `malloc`, since Swift's `allocate` asks glibc for an alignment, which takes it several times as long.
struct ValueSlots: ~Copyable {
    private let memory: UnsafeMutableBufferPointer<JinjaValue?>

    init(count: Int) {
        guard count > 0, let raw = malloc(count * MemoryLayout<JinjaValue?>.stride) else {
            memory = .init(start: nil, count: 0)
            return
        }
        memory = .init(start: raw.bindMemory(to: JinjaValue?.self, capacity: count), count: count)
        memory.initialize(repeating: nil)
    }

    deinit {
        memory.deinitialize()
        free(memory.baseAddress)
    }

    var count: Int { memory.count }

    subscript(index: Int) -> JinjaValue? {
        get { memory[index] }
        nonmutating set { memory[index] = newValue }
    }

    func clear(_ range: Range<Int>) { for index in range { memory[index] = nil } }

    func clear() { clear(0..<count) }

    /// Those that are set.
    var values: [JinjaValue] { memory.compactMap(\.self) }
}
