import OpsCore

extension FunctionTable {
    private static func path(_ name: String, _ body: @escaping @Sendable (String) throws -> String)
        -> FunctionDefinition
    {
        FunctionDefinition(name) { call in .string(try body(try call.subjectText())) }
    }

    static let pathFilters: [FunctionDefinition] = [
        path("basename", PathText.basename), path("dirname", PathText.dirname), path("normpath", PathText.normalized),
        path("expanduser", LocalFiles.expandingUser), path("expandvars", LocalFiles.expandingVariables),
        path("realpath", LocalFiles.realPath),
        path("win_basename") { WindowsPath.split($0).name }, path("win_dirname") { WindowsPath.split($0).directory },
        FunctionDefinition("splitext") { call in
            let (root, suffix) = PathText.splitExtension(try call.subjectText())
            return .tuple([.string(root), .string(suffix)])
        },
        FunctionDefinition("win_splitdrive") { call in
            let (drive, rest) = WindowsPath.splitDrive(try call.subjectText())
            return .tuple([.string(drive), .string(rest)])
        },
        FunctionDefinition("relpath", "start?") { call in
            let start = try call.string(0, default: LocalFiles.currentDirectory())
            let absolute = { (path: String) in PathText.join([LocalFiles.currentDirectory(), path]) }
            return .string(PathText.relative(absolute(try call.subjectText()), to: absolute(start)))
        },
        FunctionDefinition("path_join") { call in
            guard let list = call.subject.sequence else { return .string(try call.subjectText()) }
            return .string(PathText.join(try texts(list.items, call)))
        },
        FunctionDefinition("commonpath") { call in
            guard let list = call.subject.sequence, list.count > 0 else { throw call.fail("needs a list of paths") }
            guard let common = PathText.common(try texts(list.items, call)) else {
                throw call.fail("absolute and relative paths are mixed")
            }
            return .string(common)
        },
        FunctionDefinition("fileglob") { call in
            .list(LocalFiles.matches(try call.subjectText()).map { .string($0) })
        },
    ]

    static func texts(_ items: [JinjaValue], _ call: Call) throws -> [String] {
        try items.map { item in
            guard let text = item.text else { throw call.fail("every item must be a string, found \(item.kindName)") }
            return text
        }
    }

    private static func fileTest(_ name: String, _ holds: @escaping @Sendable (String) -> Bool) -> FunctionDefinition {
        FunctionDefinition(name) { call in .bool(holds(try call.subjectPrinted())) }
    }

    static let fileTests: [FunctionDefinition] = [
        fileTest("exists", LocalFiles.exists), fileTest("link_exists", LocalFiles.linkExists),
        fileTest("file", LocalFiles.isFile), fileTest("is_file", LocalFiles.isFile),
        fileTest("directory", LocalFiles.isDirectory), fileTest("is_dir", LocalFiles.isDirectory),
        fileTest("link", LocalFiles.isLink), fileTest("is_link", LocalFiles.isLink),
        fileTest("mount", LocalFiles.isMount), fileTest("is_mount", LocalFiles.isMount),
        fileTest("abs") { $0.hasPrefix("/") }, fileTest("is_abs") { $0.hasPrefix("/") },
        FunctionDefinition("same_file", "other") { call in try sameFile(call) },
        FunctionDefinition("is_same_file", "other") { call in try sameFile(call) },
        fileTest("vaulted_file") { LocalFiles.startsWith("$ANSIBLE_VAULT", $0) },
    ]

    private static func sameFile(_ call: Call) throws -> JinjaValue {
        guard let same = LocalFiles.areSame(try call.subjectPrinted(), try call.string(0)) else {
            throw call.fail("both files must exist")
        }
        return .bool(same)
    }
}
