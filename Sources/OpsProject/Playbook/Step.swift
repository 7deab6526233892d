import OpsCore

/// What stands in a list of steps.
public indirect enum StepNode: Sendable {
    case step(Step)
    case block(Block)

    /// The step, or all steps of the block and of the blocks in it.
    public var steps: [Step] {
        switch self {
        case .step(let step): [step]
        case .block(let block): (block.block + block.rescue + block.always).flatMap(\.steps)
        }
    }
}

/// `block` with its `rescue` and `always`.
public struct Block: Sendable {
    public var location: SourceLocation
    public var name: Located?
    public var keywords: Keywords
    public var block: [StepNode]
    public var rescue: [StepNode]
    public var always: [StepNode]

    public init(
        location: SourceLocation, name: Located?, keywords: Keywords, block: [StepNode], rescue: [StepNode],
        always: [StepNode]
    ) {
        self.location = location
        self.name = name
        self.keywords = keywords
        self.block = block
        self.rescue = rescue
        self.always = always
    }
}

/// One named unit in a play: module + arguments + keywords. Values are unrendered.
public struct Step: Sendable {
    /// Unique in the loaded playbook, in order of appearance from 1.
    public var id: Int
    public var location: SourceLocation
    public var name: Located?
    /// Without `ansible.builtin.`; `include_role`, `meta` and the like included.
    public var module: String
    public var moduleLocation: SourceLocation
    public var arguments: Arguments
    public var keywords: Keywords
    /// Directory of the file that the step stands in: relative paths start here, then at the play's.
    public var directory: String
    /// Set for the steps of a role: defaults and vars of the role are in scope.
    public var role: RoleContext?
    /// For `include_tasks` and `include_role`: what the steps that it reads start from, which is the
    /// keywords around this step and its `apply:`.
    public var included: Keywords?

    public init(
        id: Int, location: SourceLocation, name: Located?, module: String, moduleLocation: SourceLocation,
        arguments: Arguments, keywords: Keywords, directory: String, role: RoleContext? = nil
    ) {
        self.id = id
        self.location = location
        self.name = name
        self.module = module
        self.moduleLocation = moduleLocation
        self.arguments = arguments
        self.keywords = keywords
        self.directory = directory
        self.role = role
    }
}

/// What a step needs to know of the role that it belongs to.
public struct RoleContext: Sendable {
    public var name: String
    public var directory: String
    public var defaults: [LocatedVariable]
    public var vars: [LocatedVariable]
    public var parameters: [LocatedVariable]

    public init(
        name: String, directory: String, defaults: [LocatedVariable], vars: [LocatedVariable],
        parameters: [LocatedVariable]
    ) {
        self.name = name
        self.directory = directory
        self.defaults = defaults
        self.vars = vars
        self.parameters = parameters
    }
}

/// A module's arguments, unrendered, with the place of each key.
///
/// `command: uname -a` has only free text; `args:` is merged into the named ones.
public struct Arguments: Sendable, Hashable {
    public struct Entry: Sendable, Hashable {
        public var key: String
        public var keyLocation: SourceLocation
        public var value: Located

        public init(key: String, keyLocation: SourceLocation, value: Located) {
            self.key = key
            self.keyLocation = keyLocation
            self.value = value
        }
    }

    /// The text of `command: ls -l`, after `key=value` words of the short form were taken out.
    public var freeText: Located?
    public var entries: [Entry]

    public init(freeText: Located? = nil, entries: [Entry] = []) {
        self.freeText = freeText
        self.entries = entries
    }

    public subscript(key: String) -> Located? { entries.first { $0.key == key }?.value }
}

/// Keywords that plays, blocks and steps share; nil means not written.
///
/// A step's keywords are complete: what its blocks, role and play say is already in, so nothing else has
/// to be looked at. Conditions, tags, variables and environments add up; of the others the innermost holds.
public struct Keywords: Sendable {
    /// Conditions, all of which must hold: those of outer blocks come first.
    public var when: [Located] = []
    public var loop: Loop?
    public var register: String?
    public var until: [Located] = []
    public var retries: Located?
    public var delay: Located?
    public var changedWhen: [Located]?
    public var failedWhen: [Located]?
    public var ignoreErrors: Located?
    public var ignoreUnreachable: Located?
    public var notify: [Located] = []
    public var listen: [String] = []
    public var tags: [String] = []
    public var become: Located?
    public var becomeUser: Located?
    public var becomeMethod: Located?
    public var becomeFlags: Located?
    public var becomeExe: Located?
    public var delegateTo: Located?
    public var delegateFacts: Located?
    public var runOnce: Located?
    public var vars: [LocatedVariable] = []
    /// `vars:` of the `include_tasks` and `include_role` around this step: above facts in precedence.
    public var includeParameters: [LocatedVariable] = []
    public var environment: [Located] = []
    public var checkMode: Located?
    public var diff: Located?
    public var noLog: Located?
    public var timeout: Located?
    public var anyErrorsFatal: Located?
    /// All hosts of the batch wait for each other before this step.
    public var barrier = false
    public var connection: Located?
    public var remoteUser: Located?

    public init() {}
}

/// `loop` or `with_NAME`.
public struct Loop: Sendable {
    public enum Kind: Sendable, Hashable {
        /// `loop:` with a list.
        case list
        /// `with_NAME:` with what the lookup of that name makes of it.
        case lookup(String)

        /// As it is written in a step.
        public var keyword: String {
            switch self {
            case .list: "loop"
            case .lookup(let name): "with_\(name)"
            }
        }
    }

    public var kind: Kind
    public var items: Located
    /// `loop_control`
    public var variable = "item"
    public var indexVariable: String?
    public var label: Located?
    public var pause: Located?
    /// `extended: true` gives `ansible_loop`.
    public var extended = false

    public init(kind: Kind, items: Located) {
        self.kind = kind
        self.items = items
    }
}
