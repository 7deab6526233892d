/// A fixed number of places for values, none of them set at first.
///
/// Memory of its own: an array would be checked at every step for being shared and for overlapping accesses.
struct ValueSlots: ~Copyable {
    private let memory: UnsafeMutableBufferPointer<JinjaValue?>

    init(count: Int) {
        memory = count == 0 ? .init(start: nil, count: 0) : .allocate(capacity: count)
        memory.initialize(repeating: nil)
    }

    deinit { memory.deinitialize().deallocate() }

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
