import CLibSSH2

extension SSHSession {
    /// Asks for these algorithms, best first; those that this libssh2 lacks are left out.
    ///
    /// - Throws: `SSHFailure` if nothing is left of a list.
    func prefer(_ algorithms: SSHAlgorithms) throws(SSHFailure) {
        let lists: [(CInt, [String])] = [
            (LIBSSH2_METHOD_KEX, algorithms.keyExchange),
            (LIBSSH2_METHOD_HOSTKEY, algorithms.hostKeys),
            (LIBSSH2_METHOD_CRYPT_CS, algorithms.ciphers),
            (LIBSSH2_METHOD_CRYPT_SC, algorithms.ciphers),
            (LIBSSH2_METHOD_MAC_CS, algorithms.macs),
            (LIBSSH2_METHOD_MAC_SC, algorithms.macs),
            (LIBSSH2_METHOD_COMP_CS, ["none"]),
            (LIBSSH2_METHOD_COMP_SC, ["none"]),
        ]
        for (method, names) in lists {
            preferred[method] = names
            let code = libssh2_session_method_pref(raw, method, names.joined(separator: ","))
            if code != 0 { throw failure(code) }
        }
    }

    /// What `prefer` left standing, in the order of the first packet: key exchange, host key, ciphers, MACs.
    var offeredAlgorithms: [[String]] {
        [
            LIBSSH2_METHOD_KEX, LIBSSH2_METHOD_HOSTKEY, LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC,
            LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC,
        ].map { method in
            var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
            let count = libssh2_session_supported_algs(raw, method, &names)
            defer { if let names { libssh2_free(raw, names) } }
            guard count > 0, let names else { return [] }
            let supported = Set((0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } })
            return (preferred[method] ?? []).filter(supported.contains)
        }
    }

    /// Greeting and key exchange. False while more bytes are needed.
    func handshake() throws(SSHFailure) -> Bool {
        // No descriptor: all bytes go through the callbacks. This one can't exist, so libssh2's attempt to
        // read its flags fails and it leaves it alone.
        try completed(libssh2_session_handshake(raw, CInt.max))
    }

    /// The key that the host has proved to own, as it stands on the wire; nil before the handshake.
    var hostKey: [UInt8]? {
        var length = 0
        var type: CInt = 0
        guard let key = libssh2_session_hostkey(raw, &length, &type) else { return nil }
        return UnsafeRawBufferPointer(start: key, count: length).map { $0 }
    }

    /// The host's greeting, such as `SSH-2.0-OpenSSH_9.2p1`.
    var hostBanner: String? {
        libssh2_session_banner_get(raw).map { printable(String(cString: $0), limit: 255) }
    }
}

/// Algorithms to offer, best first. Nothing with a known weakness is among the defaults.
struct SSHAlgorithms {
    /// The last two aren't algorithms but marks (RFC 8308; OpenSSH's answer to CVE-2023-48795) that newer
    /// versions of libssh2 send if they are asked for.
    var keyExchange = [
        "curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256", "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp521", "diffie-hellman-group-exchange-sha256", "diffie-hellman-group16-sha512",
        "diffie-hellman-group18-sha512", "diffie-hellman-group14-sha256", "ext-info-c",
        "kex-strict-c-v00@openssh.com",
    ]
    var hostKeys = SSHAlgorithms.defaultHostKeys
    var ciphers = [
        "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr",
    ]
    var macs = [
        "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512",
    ]

    static let defaultHostKeys = [
        "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512",
        "rsa-sha2-256",
    ]

    /// Host key algorithms with those first for which a key is known, as OpenSSH orders them: a host whose
    /// ed25519 key is known must not be asked for another one.
    static func hostKeys(preferring known: Set<String>) -> [String] {
        let isKnown: (String) -> Bool = { known.contains($0.hasPrefix("rsa-sha2-") ? "ssh-rsa" : $0) }
        return defaultHostKeys.filter(isKnown) + defaultHostKeys.filter { !isKnown($0) }
    }
}
