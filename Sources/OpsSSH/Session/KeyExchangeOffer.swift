import NIOCore
import OpsTransport

/// The algorithms that a host offers in its first packet (RFC 4253, section 7.1), read from the clear bytes at
/// the beginning of a connection. libssh2 doesn't say what two sides fail to have in common.
struct KeyExchangeOffer {
    private let lists: [[String]]

    /// Nil if the bytes don't hold a greeting and the whole packet.
    init?(_ opening: ByteBuffer) {
        let bytes = Array(opening.readableBytesView)
        guard bytes.starts(with: "SSH-".utf8), let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        // Behind the greeting: length, amount of padding, message number 20, cookie.
        let packet = bytes[(end + 1)...]
        guard packet.count > 22, packet[packet.startIndex + 5] == 20 else { return nil }
        let lists = packet.dropFirst(22).withUnsafeBytes { bytes -> [[String]]? in
            var reader = WireReader(bytes)
            var lists: [[String]] = []
            for _ in 0..<6 {
                guard let list = reader.string(limit: 4096) else { return nil }
                lists.append(list.split(separator: ",").map { printable($0, limit: 64) })
            }
            return lists
        }
        guard let lists else { return nil }
        self.lists = lists
    }

    /// What is missing, in words; nil if everything has something in common.
    /// - Parameter ours: in the order of the packet: key exchange, host key, cipher and MAC, each but the first
    ///   two for both directions.
    func mismatch(with ours: [[String]]) -> String? {
        let names = ["key exchange method", "kind of host key", "cipher", "cipher", "MAC", "MAC"]
        for (name, (theirs, ours)) in zip(names, zip(lists, ours)) where Set(theirs).isDisjoint(with: ours) {
            return "no \(name) in common: the host has \(theirs.joined(separator: ", ")); "
                + "libssh2 \(LibSSH2Version.text) has \(ours.joined(separator: ", "))"
        }
        return nil
    }
}
