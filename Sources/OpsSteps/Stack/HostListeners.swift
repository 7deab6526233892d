import OpsCore

/// The TCP sockets that listen on a host, read from the kernel's own tables (proc(5)): `ss` isn't everywhere.
struct HostListeners {
    private struct Listener {
        var address: String
        var port: Int
    }

    private var listeners: [Listener] = []
    private var bridges: Set<String> = []
    private var addresses: Set<String> = []

    /// The host's addresses, without loopback and docker's bridges.
    var outer: Set<String> { addresses.filter { !isPrivate($0) } }

    /// Prints docker's gateway addresses, the host's own, and both tables.
    static let script = """
        docker network ls -q | xargs -r docker network inspect --format '{{range .IPAM.Config}}bridge {{.Gateway}}{{"\\n"}}{{end}}' || exit
        ip -o addr show scope global 2>/dev/null | while read -r _ _ _ address _; do echo "address $address"; done
        cat /proc/net/tcp || exit
        cat /proc/net/tcp6 2>/dev/null || :

        """

    init(parsing output: String) {
        for line in output.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields.count == 2, fields[0] == "bridge" {
                // Some networks have their gateway with the length of the prefix.
                bridges.insert(String(fields[1].prefix { $0 != "/" }))
            } else if fields.count == 2, fields[0] == "address" {
                addresses.insert(String(fields[1].prefix { $0 != "/" }))
            } else if fields.count > 3, fields[3] == "0A" {
                if let listener = Self.listener(fields[1]) { listeners.append(listener) }
            }
        }
    }

    /// One check for each port: whether anything but loopback and docker's bridges listens on it.
    func checks(_ ports: Set<Int>) -> [Check] {
        ports.sorted().map { port in
            let addresses = Set(listeners.filter { $0.port == port }.map(\.address)).sorted()
            let open = addresses.filter { !isPrivate($0) }
            return Check(
                resource: "port \(port)", property: "listens on", expected: "loopback or docker's bridge",
                actual: addresses.isEmpty ? "nothing" : addresses.joined(separator: ", "), status: open.isEmpty ? .pass : .fail)
        }
    }

    private func isPrivate(_ address: String) -> Bool {
        address.hasPrefix("127.") || address == "::1" || bridges.contains(address)
    }

    /// `0100007F:2382`: each 32-bit word of the address in the host's byte order, the port in hexadecimal.
    /// Hosts are little-endian (x86-64, arm64).
    private static func listener(_ field: Substring) -> Listener? {
        let parts = field.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1], radix: 16), let bytes = bytes(parts[0]) else { return nil }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        if bytes.count == 4 || bytes.starts(with: mapped) {
            return Listener(address: bytes.suffix(4).map(String.init).joined(separator: "."), port: port)
        }
        if bytes.dropLast().allSatisfy({ $0 == 0 }), bytes.last == 1 { return Listener(address: "::1", port: port) }
        if bytes.allSatisfy({ $0 == 0 }) { return Listener(address: "::", port: port) }
        let groups = stride(from: 0, to: 16, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return Listener(address: groups.joined(separator: ":"), port: port)
    }

    /// The address in network order.
    private static func bytes(_ hex: Substring) -> [UInt8]? {
        guard hex.count == 8 || hex.count == 32 else { return nil }
        var result: [UInt8] = []
        var rest = hex
        while !rest.isEmpty {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            result += [UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8),
                       UInt8(truncatingIfNeeded: word >> 16), UInt8(truncatingIfNeeded: word >> 24)]
            rest = rest.dropFirst(8)
        }
        return result
    }
}
