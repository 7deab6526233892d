/// Bytes of UTF-8 that grow at the end; cheaper for many small pieces than an array or a string.
struct ByteBuffer: ~Copyable {
    /// nil as long as nothing needed any.
    private var memory: UnsafeMutablePointer<UInt8>?
    private var capacity: Int
    private(set) var count = 0
    private let limit: Int

    /// - Parameters:
    ///   - capacity: the bytes to make room for at once.
    ///   - limit: the most bytes that it may take.
    init(capacity: Int, limit: Int) {
        self.capacity = min(capacity, limit)
        self.limit = limit
        memory = self.capacity == 0 ? nil : .allocate(capacity: self.capacity)
    }

    deinit { memory?.deallocate() }

    mutating func append(_ piece: UnsafeBufferPointer<UInt8>) throws {
        guard let source = piece.baseAddress else { return }
        let end = count + piece.count
        if end > capacity { try grow(to: end) }
        if let memory { (memory + count).update(from: source, count: piece.count) }
        count = end
    }

    /// Appends the number in decimal digits.
    mutating func append(decimal number: Int) throws {
        // A sign and 19 digits are the most.
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number.magnitude
            var first = digits.count
            repeat {
                first -= 1
                digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                first -= 1
                digits[first] = UInt8(ascii: "-")
            }
            try append(UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    /// Makes room for twice as much, so that appending takes constant time on average.
    @inline(never)
    private mutating func grow(to size: Int) throws {
        if size > limit { throw Limits.exceeded("the output is too large, in bytes", limit) }
        capacity = min(max(size, 2 * capacity, 64), limit)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        if let memory {
            larger.update(from: memory, count: count)
            memory.deallocate()
        }
        memory = larger
    }

    var text: String { String(decoding: UnsafeBufferPointer(start: memory, count: count), as: UTF8.self) }
}
