import Crypto
import Foundation
import OpsCore

/// `opsctl secrets textconv`: lets `git diff` show which values of an encrypted file changed.
///
/// Each secret becomes a short fingerprint. It is keyed with the reader's own identity, so it is the same
/// for the same value under the same key, and tells nobody else anything, not even by guessing.
public enum SecretTextconv {
    /// The two lines for a project, `.gitattributes` and the command that enables the driver.
    public static let gitattributes = "secrets/** diff=opsctl-secrets merge=opsctl-secrets"
    public static let gitConfig = [
        "git config diff.opsctl-secrets.textconv 'opsctl secrets textconv'",
        "git config merge.opsctl-secrets.driver 'opsctl secrets merge %O %A %B %P'",
    ]

    /// One line per value: `path = value` where it is plain, else `path = ••• fingerprint`. A file that
    /// isn't encrypted comes as it is.
    /// - Throws: `Diagnostic` if it can't be opened
    public static func text(_ bytes: [UInt8], file: String, keyring: SecretKeyring) throws -> String {
        if SecretFile.detect(bytes) == .plain { return String(decoding: bytes, as: UTF8.self) }
        let value = try SecretFile.value(of: bytes, file: file, keyring: keyring)
        let key = keyring.fingerprintKey
        return SecretDiff.leaves(of: value).map { path, leaf in
            "\(path) = \(shown(leaf, path: path, key: key))\n"
        }.joined()
    }

    private static func shown(_ value: Value, path: String, key: SymmetricKey) -> String {
        switch value {
        case .secret(let secret):
            let code = secret.reveal { text in
                HMAC<SHA256>.authenticationCode(for: Data("\(path)\u{0}\(text)".utf8), using: key)
            }
            return "\(Secret.mask) \(Hex.encode(Array(code.prefix(4))))"
        case .null: return "null"
        case .bool(let flag): return "\(flag)"
        case .int(let number): return "\(number)"
        case .double(let number): return "\(number)"
        case .string(let text): return SopsYAML.string(text, blockIndent: nil)
        case .list: return "[]"
        case .map: return "{}"
        }
    }
}

extension AgeIdentity {
    /// Bytes that only its owner has, the same each time; none for what isn't unlocked.
    fileprivate var fingerprintMaterial: [UInt8] {
        switch self {
        case let identity as AgeX25519Identity: identity.revealText { Array($0.utf8) }
        case let identity as AgeSSHIdentity: identity.fingerprintMaterial
        case let identity as LockedSSHIdentity: identity.unlocked.known.map { AgeSSHIdentity($0).fingerprintMaterial } ?? []
        case let identity as EncryptedIdentityFile: identity.opened.known?.flatMap(\.fingerprintMaterial) ?? []
        default: []
        }
    }
}

extension AgeSSHIdentity {
    fileprivate var fingerprintMaterial: [UInt8] {
        switch key.material {
        case .ed25519(let seed): seed.withUnsafeBytes { Array($0) }
        case .rsa(let key): Array(key.derRepresentation)
        }
    }
}

extension SecretKeyring {
    /// A key that only who holds these identities and passwords can compute.
    var fingerprintKey: SymmetricKey {
        var material: [UInt8] = []
        defer { material.wipe() }
        for identity in identities { material += identity.fingerprintMaterial }
        for password in passwords { password.password.reveal { material += $0 } }
        // Without any key of one's own, such as under a passphrase, fingerprints differ each time rather than tell anything.
        if material.isEmpty { return SymmetricKey(size: .bits256) }
        return HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: material), info: Data("opsctl/fingerprint".utf8), outputByteCount: 32)
    }
}
