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

    /// Appends the number in decimal digits.
    mutating func append(decimal number: Int) {
        // A sign and 19 digits are the most.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
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
            append(UnsafeBufferPointer(rebasing: digits[first...]))
        }
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
