/// A sequence of chunks that are there already, as an asynchronous one.
public struct ByteChunks<Base: Sequence & Sendable>: AsyncSequence, Sendable where Base.Element == [UInt8] {
    private let base: Base

    /// Chunks are asked for one at a time, as they can be sent.
    public init(_ base: Base) { self.base = base }

    public func makeAsyncIterator() -> Iterator { Iterator(base: base.makeIterator()) }

    public struct Iterator: AsyncIteratorProtocol {
        var base: Base.Iterator

        public mutating func next() async -> [UInt8]? { base.next() }
    }
}
