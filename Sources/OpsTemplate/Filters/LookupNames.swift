extension TemplateEnvironment {
    /// The names of all lookups: those built in and those that the program added.
    public var lookupNames: [String] { (Array(lookups.keys) + Array(BuiltinLookups.table.keys)).sorted() }
}
