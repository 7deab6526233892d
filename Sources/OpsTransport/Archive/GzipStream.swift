import CZlib
import OpsCore

/// Compresses a stream as gzip (RFC 1952).
final class GzipStream {
    /// Level 1 halves the work of zlib's default and costs a few per cent of size, measured on configuration files.
    private static let level: CInt = 1
    /// 15 bits of window, plus 16 for gzip's header instead of zlib's.
    private static let windowBits: CInt = 15 + 16
    private static let bufferSize = 32 * 1024

    /// On the heap: zlib refuses a stream that has moved.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let isReady: Bool

    init() {
        stream.initialize(to: z_stream())
        isReady =
            deflateInit2_(
                stream, Self.level, Z_DEFLATED, Self.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                CInt(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Takes bytes and gives what is ready, which can be nothing; with `finish`, all that is left.
    func feed(_ bytes: [UInt8], finish: Bool) throws(Diagnostic) -> [UInt8] {
        guard isReady else { throw Diagnostic(code: "zlib", "zlib could not start: out of memory or another version") }
        var input = bytes
        var packed: [UInt8] = []
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = uInt(input.count)
            var isFull = true
            while isFull {
                packed += [UInt8](unsafeUninitializedCapacity: Self.bufferSize) { output, count in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = uInt(output.count)
                    deflate(stream, finish ? Z_FINISH : Z_NO_FLUSH)
                    isFull = stream.pointee.avail_out == 0
                    count = output.count - Int(stream.pointee.avail_out)
                }
            }
        }
        return packed
    }
}
