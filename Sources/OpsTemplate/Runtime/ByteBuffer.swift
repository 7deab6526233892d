/// Bytes of UTF-8 that grow at the end; cheaper for many small pieces than an array or a string.
struct ByteBuffer: ~Copyable {
    /// nil as long as nothing needed any.
    private var memory: UnsafeMutablePointer<UInt8>?
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        memory = capacity == 0 ? nil : .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { memory?.deallocate() }

    mutating func append(_ piece: UnsafeBufferPointer<UInt8>) {
        guard let source = piece.baseAddress else { return }
        let end = count + piece.count
        if end > capacity { grow(to: end) }
        if let memory { (memory + count).update(from: source, count: piece.count) }
        count = end
    }

    /// Makes room for twice as much, so that appending takes constant time on average.
    @inline(never)
    private mutating func grow(to size: Int) {
        capacity = max(size, 2 * capacity, 64)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        if let memory {
            larger.update(from: memory, count: count)
            memory.deallocate()
        }
        memory = larger
    }

    var text: String { String(decoding: UnsafeBufferPointer(start: memory, count: count), as: UTF8.self) }
}
