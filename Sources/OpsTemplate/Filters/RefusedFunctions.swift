import OpsCore

extension FunctionTable {
    /// Filters of Ansible that are not offered, with what to do instead.
    static let refusedFilters: [FunctionDefinition] = [
        refused("vault", "encrypt with 'opsctl secrets encrypt' instead, so that the password stays out of templates"),
        refused("unvault", "encrypted files and !vault values are decrypted when they are loaded"),
    ]

    private static func refused(_ name: String, _ hint: String) -> FunctionDefinition {
        FunctionDefinition(name, "*rest **options") { call in
            throw call.fail("this filter is not supported", hints: [hint])
        }
    }
}
