extension Keywords {
    /// These keywords inside of others: a step in its block, a block in its play.
    func inside(_ outer: Keywords) -> Keywords {
        var all = self
        all.when = outer.when + when
        all.notify = outer.notify + notify
        all.tags = outer.tags + tags.filter { !outer.tags.contains($0) }
        all.vars = outer.vars + vars
        all.includeParameters = outer.includeParameters + includeParameters
        all.environment = outer.environment + environment
        for field in Self.inherited { all[keyPath: field] = self[keyPath: field] ?? outer[keyPath: field] }
        return all
    }

    /// Those of which the innermost holds. Loops, results and retries are a step's own.
    private static var inherited: [WritableKeyPath<Keywords, Located?>] {
        [
            \.ignoreErrors, \.ignoreUnreachable, \.become, \.becomeUser, \.becomeMethod, \.becomeFlags, \.becomeExe,
            \.delegateTo, \.delegateFacts, \.runOnce, \.checkMode, \.diff, \.noLog, \.timeout, \.anyErrorsFatal,
            \.connection, \.remoteUser,
        ]
    }
}
