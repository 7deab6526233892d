import OpsCore

/// `setup`: facts of the host, in Ansible's names: system, kernel, addresses, memory, processors, tools.
public struct SetupModule: StepModule {
    public static let name = "setup"
    public static let isReadOnly = true
    public static let parameters = [
        Parameter("gather_subset", "accepted for Ansible's sake; all facts here cost one round trip"),
        Parameter("filter", "accepted for Ansible's sake"),
    ]

    /// Variables that come from here; a play that mentions none of them needs no facts.
    public static let factNames = [
        "ansible_facts", "ansible_hostname", "ansible_fqdn", "ansible_nodename", "ansible_domain", "ansible_system",
        "ansible_kernel", "ansible_architecture", "ansible_distribution", "ansible_distribution_version",
        "ansible_distribution_major_version", "ansible_distribution_release", "ansible_os_family", "ansible_user_id",
        "ansible_user_dir", "ansible_user_uid", "ansible_processor_vcpus", "ansible_processor_nproc", "ansible_memtotal_mb",
        "ansible_memfree_mb", "ansible_swaptotal_mb", "ansible_default_ipv4", "ansible_all_ipv4_addresses",
        "ansible_all_ipv6_addresses", "ansible_date_time", "ansible_pkg_mgr", "ansible_service_mgr", "ansible_uptime_seconds",
        "ansible_env", "ansible_machine", "ansible_virtualization_type",
    ]

    public init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {}

    public var probe: Probe? { Probe(Self.script) }

    /// Prints `name<TAB>value` lines.
    private static let script = """
        f() { printf '%s\\t%s\\n' "$1" "$2"; }
        f hostname "$(hostname 2>/dev/null | cut -d. -f1)"; f nodename "$(uname -n)"
        f fqdn "$(hostname -f 2>/dev/null || uname -n)"
        f system "$(uname -s)"; f kernel "$(uname -r)"; f architecture "$(uname -m)"
        [ -r /etc/os-release ] && ( . /etc/os-release; f os_id "$ID"; f os_like "$ID_LIKE"; f os_version "$VERSION_ID"; f os_codename "$VERSION_CODENAME" )
        f user_id "$(id -un)"; f user_uid "$(id -u)"; f user_dir "$HOME"
        f vcpus "$(grep -c ^processor /proc/cpuinfo 2>/dev/null || getconf _NPROCESSORS_ONLN)"
        while read -r k v _; do case $k in MemTotal:) f memtotal "$v";; MemFree:) f memfree "$v";; SwapTotal:) f swaptotal "$v";; esac; done < /proc/meminfo
        read -r u _ < /proc/uptime && f uptime "${u%.*}"
        f route "$(ip -4 route get 192.0.2.1 2>/dev/null | head -n 1)"
        ip -o addr show scope global 2>/dev/null | while read -r _ i fam a _; do f "$fam" "$i ${a%/*}"; done
        f date "$(date -u +%Y-%m-%dT%H:%M:%SZ)"; f epoch "$(date +%s)"
        for m in apt-get dnf yum apk zypper pacman; do command -v $m >/dev/null 2>&1 && { f pkg_mgr $m; break; }; done
        if [ -d /run/systemd/system ]; then f service_mgr systemd; elif command -v rc-service >/dev/null 2>&1; then f service_mgr openrc; else f service_mgr sysvinit; fi
        true
        """

    public func perform(_ work: StepWork) async throws -> StepResult {
        guard let seen = work.seen, seen.succeeded else {
            throw work.seen?.complaint(failing: "gather facts") ?? Diagnostic(code: "internal", "no facts were asked for")
        }
        let facts = Self.facts(Self.fields(seen.stdout.text))
        return StepResult(values: ["ansible_facts": .map(facts)], facts: facts)
    }

    private static func fields(_ output: String) -> [(String, String)] {
        output.split(separator: "\n").compactMap { (line: Substring) -> (String, String)? in
            let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
    }

    private static func facts(_ fields: [(String, String)]) -> ValueMap {
        var first: [String: String] = [:]
        for (name, value) in fields where first[name] == nil { first[name] = value }
        func text(_ name: String) -> Value { .string(first[name] ?? "") }
        func number(_ name: String, dividedBy divisor: Int = 1) -> Value { .int((Int(first[name] ?? "") ?? 0) / divisor) }
        func addresses(_ family: String) -> Value {
            .list(fields.filter { $0.0 == family }.compactMap { $0.1.split(separator: " ").last.map { .string(String($0)) } })
        }
        let fqdn = first["fqdn"] ?? ""
        return [
            "hostname": text("hostname"), "nodename": text("nodename"), "fqdn": text("fqdn"),
            "domain": .string(fqdn.split(separator: ".").dropFirst().joined(separator: ".")),
            "system": text("system"), "kernel": text("kernel"), "architecture": text("architecture"), "machine": text("architecture"),
            "distribution": .string(distribution(first["os_id"] ?? "")),
            "distribution_version": text("os_version"), "distribution_release": text("os_codename"),
            "distribution_major_version": .string(String((first["os_version"] ?? "").prefix { $0 != "." })),
            "os_family": .string(family(first["os_id"] ?? "", like: first["os_like"] ?? "")),
            "user_id": text("user_id"), "user_uid": number("user_uid"), "user_dir": text("user_dir"),
            "processor_vcpus": number("vcpus"), "processor_nproc": number("vcpus"),
            "memtotal_mb": number("memtotal", dividedBy: 1024), "memfree_mb": number("memfree", dividedBy: 1024),
            "swaptotal_mb": number("swaptotal", dividedBy: 1024), "uptime_seconds": number("uptime"),
            "default_ipv4": .map(defaultRoute(first["route"] ?? "")),
            "all_ipv4_addresses": addresses("inet"), "all_ipv6_addresses": addresses("inet6"),
            "date_time": ["iso8601": text("date"), "epoch": text("epoch"), "date": .string(String((first["date"] ?? "").prefix(10)))],
            "pkg_mgr": .string(first["pkg_mgr"] == "apt-get" ? "apt" : first["pkg_mgr"] ?? "unknown"),
            "service_mgr": text("service_mgr"),
        ]
    }

    /// `192.0.2.1 via 10.0.0.1 dev eth0 src 10.0.0.5`
    private static func defaultRoute(_ line: String) -> ValueMap {
        let words = line.split(separator: " ").map(String.init)
        func after(_ word: String) -> String? {
            words.firstIndex(of: word).flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        }
        var map: ValueMap = [:]
        if let address = after("src") { map["address"] = .string(address) }
        if let gateway = after("via") { map["gateway"] = .string(gateway) }
        if let interface = after("dev") { map["interface"] = .string(interface) }
        return map
    }

    /// Ansible's names (lib/ansible/module_utils/facts/system/distribution.py).
    private static func distribution(_ id: String) -> String {
        [
            "debian": "Debian", "ubuntu": "Ubuntu", "rhel": "RedHat", "centos": "CentOS", "rocky": "Rocky",
            "almalinux": "AlmaLinux", "fedora": "Fedora", "alpine": "Alpine", "arch": "Archlinux",
            "opensuse-leap": "openSUSE Leap", "sles": "SLES", "amzn": "Amazon", "raspbian": "Debian",
        ][id] ?? id
    }

    private static func family(_ id: String, like: String) -> String {
        let words = Set([id] + like.split(separator: " ").map(String.init))
        for (family, members) in [
            ("Debian", ["debian", "ubuntu"]), ("RedHat", ["rhel", "fedora", "centos"]), ("Suse", ["suse", "opensuse", "sles"]),
            ("Alpine", ["alpine"]), ("Archlinux", ["arch"]),
        ] where !words.isDisjoint(with: members) {
            return family
        }
        return distribution(id)
    }
}

/// `ping`: whether the host answers.
struct PingModule: StepModule {
    static let name = "ping"
    static let isReadOnly = true
    static let parameters = [Parameter("data", "what to answer")]

    private let answer: String

    init(_ arguments: ArgumentReader, _ environment: StepEnvironment) throws {
        answer = try arguments.string("data", default: "pong")
    }

    func perform(_ work: StepWork) async throws -> StepResult {
        try await work.require("true", to: "reach the host's shell")
        return StepResult(message: answer, values: ["ping": .string(answer)])
    }
}
