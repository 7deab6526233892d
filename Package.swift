// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
]

let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// Arrows point only downwards; `swift build --explicit-target-dependency-import-check error` holds it.
let package = Package(
    name: "opsctl",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "opsctl", targets: ["opsctl"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibSSH2", pkgConfig: "libssh2", providers: [.apt(["libssh2-1-dev"]), .brew(["libssh2"])]),
        .target(name: "OpsCore", dependencies: [collections], swiftSettings: settings),
        .target(name: "OpsProcess", swiftSettings: settings),
        .target(name: "OpsYAML", dependencies: ["OpsCore", "Yams"], swiftSettings: settings),
        .target(
            name: "OpsTemplate", dependencies: ["OpsCore", collections, .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings),
        .target(
            name: "OpsKeys",
            dependencies: [
                "OpsCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "OpsSecrets",
            dependencies: [
                "OpsCore", "OpsProcess", "OpsKeys", "OpsYAML", "Yams",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "OpsProject", dependencies: ["OpsCore", "OpsProcess", "OpsKeys", "OpsYAML", "OpsTemplate", "OpsSecrets", collections],
            swiftSettings: settings),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .target(name: "OpsTransport", dependencies: ["OpsCore", "OpsProcess", "CZlib"], swiftSettings: settings),
        .target(
            name: "OpsSSH",
            dependencies: [
                "OpsCore", "OpsKeys", "OpsTransport", "CLibSSH2", nioCore, nioPosix,
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "OpsMonitoring",
            dependencies: [
                "OpsCore", "OpsTransport", nioCore, nioPosix,
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),
        .target(
            name: "OpsSteps",
            dependencies: [
                "OpsCore", "OpsYAML", "OpsTemplate", "OpsTransport", "OpsMonitoring", "OpsProject", collections,
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings),
        .target(
            name: "OpsEngine",
            dependencies: ["OpsCore", "OpsTemplate", "OpsTransport", "OpsProject", "OpsSteps", logging],
            swiftSettings: settings),
        .target(name: "OpsReport", dependencies: ["OpsCore"], swiftSettings: settings),
        .target(
            name: "OpsCLI",
            dependencies: [
                "OpsCore", "OpsProcess", "OpsYAML", "OpsTemplate", "OpsSecrets", "OpsProject", "OpsTransport", "OpsSSH",
                "OpsMonitoring", "OpsSteps", "OpsEngine", "OpsReport", nioCore, nioPosix, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .target(name: "OpsTestSupport", dependencies: ["OpsCore", "OpsTransport"], swiftSettings: settings),
        .executableTarget(name: "opsctl", dependencies: ["OpsCLI"], swiftSettings: settings),
        .executableTarget(
            name: "TemplateBench", dependencies: ["OpsCore", "OpsTemplate"], path: "lab/bench/TemplateBench",
            swiftSettings: settings),
        .testTarget(
            name: "OpsSecretsTests", dependencies: ["OpsSecrets", "OpsKeys", "OpsCore", .product(name: "Crypto", package: "swift-crypto")],
            exclude: ["Vectors"], swiftSettings: settings),
        .testTarget(
            name: "OpsStepsTests", dependencies: ["OpsCore", "OpsTransport", "OpsSteps", collections], swiftSettings: settings),
        .testTarget(
            name: "OpsEngineTests", dependencies: ["OpsCore", "OpsProject", "OpsEngine"], swiftSettings: settings),
        .testTarget(name: "OpsProcessTests", dependencies: ["OpsProcess"], swiftSettings: settings),
        .testTarget(name: "OpsCoreTests", dependencies: ["OpsCore"], swiftSettings: settings),
        .testTarget(
            name: "OpsSSHTests", dependencies: ["OpsSSH", "OpsTransport", "OpsCore", nioCore, nioPosix],
            swiftSettings: settings),
        .testTarget(
            name: "OpsProjectTests",
            dependencies: ["OpsCore", "OpsYAML", "OpsTemplate", "OpsSecrets", "OpsProject", collections],
            exclude: ["benchmark", "inventories", "plugins.json"], swiftSettings: settings),
        .testTarget(
            name: "OpsTemplateTests", dependencies: ["OpsCore", "OpsTemplate"], exclude: ["benchmark", "cases", "goldens"],
            swiftSettings: settings),
        .testTarget(name: "OpsYAMLTests", dependencies: ["OpsCore", "OpsYAML"], swiftSettings: settings),
        .testTarget(
            name: "OpsReportTests", dependencies: ["OpsCore", "OpsReport"], exclude: ["Goldens"], swiftSettings: settings),
        .testTarget(
            name: "OpsMonitoringTests",
            dependencies: [
                "OpsCore", "OpsTransport", "OpsMonitoring", nioCore, nioPosix,
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "OpsTransportTests", dependencies: ["OpsCore", "OpsProcess", "OpsTransport", "OpsTestSupport"],
            swiftSettings: settings),
        .testTarget(name: "CLITests", exclude: ["playbooks"], swiftSettings: settings),
        .testTarget(name: "LabTests", dependencies: ["OpsCore"], swiftSettings: settings),
    ]
)
