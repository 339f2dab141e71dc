// swift-tools-version: 6.2
import PackageDescription

// No package dependencies: Foundation plus libcurl, libssl/libcrypto and libpq, reached through system libraries
// (CLinux only declares C library functions that Swift does not see by itself).
// Imports point downwards only: Functions -> Domain, Runtime; Domain -> nothing; LocalEmulator -> Runtime.

let systemLibraries: [Target] = [
    .systemLibrary(name: "CCurl", path: "Sources/Runtime/CCurl", pkgConfig: "libcurl"),
    .systemLibrary(name: "COpenSSL", path: "Sources/Runtime/COpenSSL", pkgConfig: "openssl"),
    .systemLibrary(name: "CLinux", path: "Sources/Runtime/CLinux"),
    .systemLibrary(name: "CPostgres", path: "Sources/Runtime/CPostgres", pkgConfig: "libpq"),
]

/// What every bootstrap holds is free of Foundation, which costs size, memory and start time: `Wire` to `LambdaRuntime`.
let runtimeCore: [Target] = [
    .target(name: "CSignals", path: "Sources/Runtime/CSignals"),
    .target(name: "Wire", path: "Sources/Runtime/Wire"),
    .target(name: "Telemetry", dependencies: ["Wire"], path: "Sources/Runtime/Telemetry"),
    .target(name: "CurlEventLoop", dependencies: ["CCurl", "Wire"], path: "Sources/Runtime/CurlEventLoop"),
    .target(name: "LambdaEvents", dependencies: ["Wire"], path: "Sources/Runtime/LambdaEvents"),
    .target(
        name: "LambdaRuntime",
        dependencies: ["CCurl", "CLinux", "CSignals", "CurlEventLoop", "LambdaEvents", "Telemetry", "Wire"],
        path: "Sources/Runtime/LambdaRuntime"),
]

let runtime: [Target] = [
    .target(
        name: "LambdaCodable", dependencies: ["LambdaEvents", "Wire"], path: "Sources/Runtime/LambdaCodable"),
    .target(name: "HTTPClient", dependencies: ["CCurl", "CurlEventLoop", "Wire"], path: "Sources/Runtime/HTTPClient"),
    .target(name: "Cryptography", dependencies: ["COpenSSL"], path: "Sources/Runtime/Cryptography"),
    .target(
        name: "AWSClient", dependencies: ["HTTPClient", "CurlEventLoop", "Cryptography", "Wire"],
        path: "Sources/Runtime/AWSClient"),
    .target(
        name: "PostgresClient", dependencies: ["CPostgres", "Wire"], path: "Sources/Runtime/PostgresClient"),
    .target(name: "RedisClient", dependencies: ["CCurl", "Wire"], path: "Sources/Runtime/RedisClient"),
]

let domain: [Target] = [.target(name: "Domain", path: "Sources/Domain")]

/// Every function may use every runtime module through its adapters; none may reach into another function.
let functionDependencies: [Target.Dependency] = [
    "FunctionsShared", "Domain", "LambdaRuntime", "LambdaEvents", "LambdaCodable", "CurlEventLoop", "HTTPClient",
    "AWSClient", "Cryptography", "PostgresClient", "RedisClient", "Telemetry", "Wire",
]

let functionsShared = Target.target(
    name: "FunctionsShared",
    dependencies: functionDependencies.filter {
        if case .byNameItem("FunctionsShared", _) = $0 { false } else { true }
    },
    path: "Sources/Functions/Shared")

func function(_ name: String, directory: String? = nil) -> Target {
    .executableTarget(
        name: name, dependencies: functionDependencies, path: "Sources/Functions/\(directory ?? name)")
}

// "Ledger" is a folder of the domain and the name of a function; the target carries the suffix, the product does not.
let functions: [Target] = [
    function("PaymentService"), function("Worker"), function("RiskEngine"), function("Projectionist"),
    function("LedgerFunction", directory: "Ledger"), function("Reconciliation"), function("Webhook"),
]

let examples: [Target] = [
    .executableTarget(
        name: "Echo", dependencies: ["LambdaRuntime", "LambdaEvents", "Wire"], path: "Sources/Examples/Echo")
]

let emulator: [Target] = [
    .target(
        name: "LocalEmulator",
        dependencies: [
            "CLinux", "CurlEventLoop", "HTTPClient", "LambdaEvents", "LambdaCodable", "Cryptography",
            "PostgresClient", "Wire",
        ],
        path: "Sources/LocalEmulator", exclude: ["Commands"]),
    .executableTarget(name: "fincore", dependencies: ["LocalEmulator"], path: "Sources/LocalEmulator/Commands"),
]

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)Tests",
        exclude: exclude)
}

/// Programs that only tests run.
let testBootstraps: [Target] = [
    .executableTarget(
        name: "ContractProbe",
        dependencies: ["CurlEventLoop", "LambdaRuntime", "LambdaEvents", "LambdaCodable", "Telemetry", "Wire"],
        path: "Tests/Bootstraps/ContractProbe"),
    .executableTarget(
        name: "EventShapeFilter", dependencies: ["LambdaCodable", "LambdaEvents", "Wire"],
        path: "Tests/EventShapeFilter"),
    .executableTarget(
        name: "NetworkProbe",
        dependencies: ["HTTPClient", "LambdaRuntime", "LambdaEvents", "LambdaCodable"],
        path: "Tests/Bootstraps/NetworkProbe"),
]

let testTargets: [Target] = [
    .target(name: "TestSupport", dependencies: ["PostgresClient"], path: "Tests/TestSupport"),
    .target(
        name: "FunctionsTestSupport",
        dependencies: functionDependencies, path: "Tests/FunctionsTestSupport"),
    .target(
        name: "StreamTestSupport",
        dependencies: ["Domain", "FunctionsShared", "LambdaEvents", "PostgresClient", "TestSupport", "Wire"],
        path: "Tests/StreamTestSupport"),
    tests("Wire", ["Wire"]),
    tests("Telemetry", ["Telemetry"]),
    tests("CurlEventLoop", ["CurlEventLoop", "CCurl", "LocalEmulator", "Wire"]),
    tests("HTTPClient", ["HTTPClient", "CurlEventLoop", "LocalEmulator"]),
    tests("LambdaEvents", ["LambdaEvents", "Wire"]),
    tests("LambdaCodable", ["LambdaCodable", "LambdaEvents", "Wire"], exclude: ["Fixtures"]),
    tests("LambdaRuntime", ["LambdaRuntime", "CurlEventLoop", "LocalEmulator", "Wire"]),
    tests("Cryptography", ["Cryptography"]),
    tests("AWSClient", ["AWSClient", "CurlEventLoop", "HTTPClient", "Cryptography"], exclude: ["Fixtures"]),
    tests("RedisClient", ["RedisClient"]),
    tests("PostgresClient", ["PostgresClient"]),
    tests("Domain", ["Domain"]),
    tests("FunctionsShared", functionDependencies + ["FunctionsTestSupport"]),
    tests("PaymentService", functionDependencies + ["PaymentService", "FunctionsTestSupport"]),
    tests("Worker", functionDependencies + ["Worker", "FunctionsTestSupport"]),
    tests("RiskEngine", functionDependencies + ["RiskEngine", "FunctionsTestSupport"]),
    tests("Webhook", functionDependencies + ["Webhook", "FunctionsTestSupport"]),
    tests("WritePath", functionDependencies + ["FunctionsTestSupport", "PaymentService", "Worker", "Webhook"]),
    tests("Projectionist", functionDependencies + ["Projectionist", "StreamTestSupport"]),
    tests("LedgerFunction", functionDependencies + ["LedgerFunction", "StreamTestSupport"]),
    tests("Reconciliation", functionDependencies + ["Reconciliation"]),
    tests("FincoreTool", ["fincore", "LocalEmulator"]),
    tests(
        "LocalEmulator",
        [
            "LocalEmulator", "CurlEventLoop", "HTTPClient", "LambdaCodable", "LambdaEvents", "Cryptography",
            "PostgresClient", "Wire",
        ]),
]

let package = Package(
    name: "fincore-payments",
    products: [
        // What a function outside of this package needs (docs/runtime.md).
        .library(
            name: "LambdaRuntime",
            targets: ["LambdaRuntime", "LambdaEvents", "LambdaCodable", "CurlEventLoop", "Telemetry", "Wire"]),
        .library(name: "HTTPClient", targets: ["HTTPClient", "CurlEventLoop"]),
        .library(name: "AWSClient", targets: ["AWSClient", "HTTPClient", "CurlEventLoop"]),
        .executable(name: "PaymentService", targets: ["PaymentService"]),
        .executable(name: "Worker", targets: ["Worker"]),
        .executable(name: "RiskEngine", targets: ["RiskEngine"]),
        .executable(name: "Projectionist", targets: ["Projectionist"]),
        .executable(name: "Ledger", targets: ["LedgerFunction"]),
        .executable(name: "Reconciliation", targets: ["Reconciliation"]),
        .executable(name: "Webhook", targets: ["Webhook"]),
        .executable(name: "Echo", targets: ["Echo"]),
        .executable(name: "ContractProbe", targets: ["ContractProbe"]),
        .executable(name: "NetworkProbe", targets: ["NetworkProbe"]),
        .executable(name: "fincore", targets: ["fincore"]),
    ],
    targets: systemLibraries + runtimeCore + runtime + domain + [functionsShared] + functions + examples + emulator
        + testBootstraps + testTargets,
    swiftLanguageModes: [.v6]
)
