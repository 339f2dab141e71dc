// swift-tools-version: 6.0
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

let runtime: [Target] = [
    .target(name: "Telemetry", path: "Sources/Runtime/Telemetry"),
    .target(name: "HTTPClient", dependencies: ["CCurl"], path: "Sources/Runtime/HTTPClient"),
    .target(name: "LambdaEvents", path: "Sources/Runtime/LambdaEvents"),
    .target(
        name: "LambdaRuntime",
        dependencies: ["CCurl", "HTTPClient", "LambdaEvents", "Telemetry"],
        path: "Sources/Runtime/LambdaRuntime"),
    .target(name: "Cryptography", dependencies: ["COpenSSL"], path: "Sources/Runtime/Cryptography"),
    .target(name: "AWSClient", dependencies: ["HTTPClient", "Cryptography"], path: "Sources/Runtime/AWSClient"),
    .target(
        name: "PostgresClient", dependencies: ["CPostgres"], path: "Sources/Runtime/PostgresClient"),
    .target(name: "RedisClient", dependencies: ["CCurl"], path: "Sources/Runtime/RedisClient"),
]

let domain: [Target] = [.target(name: "Domain", path: "Sources/Domain")]

/// Every function may use every runtime module through its adapters; none may reach into another function.
let functionDependencies: [Target.Dependency] = [
    "FunctionsShared", "Domain", "LambdaRuntime", "LambdaEvents", "HTTPClient", "AWSClient", "Cryptography",
    "PostgresClient", "RedisClient", "Telemetry",
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

let emulator: [Target] = [
    .target(
        name: "LocalEmulator",
        dependencies: ["CLinux", "HTTPClient", "LambdaEvents", "Cryptography", "PostgresClient"],
        path: "Sources/LocalEmulator", exclude: ["Commands"]),
    .executableTarget(name: "fincore", dependencies: ["LocalEmulator"], path: "Sources/LocalEmulator/Commands"),
]

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)Tests",
        exclude: exclude)
}

let testTargets: [Target] = [
    .target(name: "TestSupport", dependencies: ["PostgresClient"], path: "Tests/TestSupport"),
    .target(
        name: "FunctionsTestSupport",
        dependencies: functionDependencies, path: "Tests/FunctionsTestSupport"),
    .target(
        name: "StreamTestSupport",
        dependencies: ["Domain", "FunctionsShared", "LambdaEvents", "PostgresClient", "TestSupport"],
        path: "Tests/StreamTestSupport"),
    tests("Telemetry", ["Telemetry"]),
    tests("HTTPClient", ["HTTPClient", "LocalEmulator"]),
    tests("LambdaEvents", ["LambdaEvents"]),
    tests("LambdaRuntime", ["LambdaRuntime", "LocalEmulator"]),
    tests("Cryptography", ["Cryptography"]),
    tests("AWSClient", ["AWSClient", "HTTPClient", "Cryptography"], exclude: ["Fixtures"]),
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
    tests("LocalEmulator", ["LocalEmulator", "HTTPClient", "LambdaEvents", "Cryptography", "PostgresClient"]),
]

let package = Package(
    name: "fincore-payments",
    products: [
        .executable(name: "PaymentService", targets: ["PaymentService"]),
        .executable(name: "Worker", targets: ["Worker"]),
        .executable(name: "RiskEngine", targets: ["RiskEngine"]),
        .executable(name: "Projectionist", targets: ["Projectionist"]),
        .executable(name: "Ledger", targets: ["LedgerFunction"]),
        .executable(name: "Reconciliation", targets: ["Reconciliation"]),
        .executable(name: "Webhook", targets: ["Webhook"]),
        .executable(name: "fincore", targets: ["fincore"]),
    ],
    targets: systemLibraries + runtime + domain + [functionsShared] + functions + emulator + testTargets,
    swiftLanguageModes: [.v6]
)
