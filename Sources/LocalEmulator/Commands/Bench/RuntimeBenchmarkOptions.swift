/// What `fincore bench runtime` is asked for.
struct RuntimeBenchmarkOptions: Sendable, Equatable {
    /// A further bootstrap to measure, or one to measure in a standard one's place.
    struct Bootstrap: Sendable, Equatable {
        let name: String
        let path: String
    }

    /// How the results are printed.
    enum Output: Sendable, Equatable { case tables, markdown, json }

    /// The words of the command's help.
    static let usage: [(form: String, help: String)] = [
        ("--rounds N", "runtime: how often everything is measured, in an order of its own (default: 21)"),
        ("--seed N", "runtime: the seed of these orders (default: a random one, which is printed)"),
        ("--only A,B", "runtime: \(RuntimeSubject.allNames) (default: all but functions)"),
        ("--bootstrap NAME=PATH", "runtime: measure this one too, or in place of \(RuntimeResults.standardNames)"),
        ("--markdown", "runtime: print the tables of docs/benchmarks.md"),
        ("--strict", "runtime: exit with 1 when a goal is missed"),
    ]
    static let defaultRounds = 21

    let rounds: Int
    let seed: UInt64
    let subjects: Set<RuntimeSubject>
    let bootstraps: [Bootstrap]
    let output: Output
    /// Whether a missed goal is a failure.
    let isStrict: Bool

    init(_ arguments: inout Arguments, isJSON: Bool) throws(UsageError) {
        isStrict = arguments.flag("--strict")
        let isMarkdown = arguments.flag("--markdown")
        guard !isJSON || !isMarkdown else { throw UsageError(message: "--json and --markdown exclude each other") }
        output = isJSON ? .json : isMarkdown ? .markdown : .tables
        rounds = try arguments.number("--rounds", in: 1...1_000) ?? Self.defaultRounds
        seed = UInt64(try arguments.number("--seed", in: 0...Int(UInt32.max)) ?? Int(UInt32.random(in: 0...UInt32.max)))
        var subjects = RuntimeSubject.standard
        if let list = try arguments.option("--only") {
            subjects = []
            for word in list.split(separator: ",", omittingEmptySubsequences: false) {
                guard let subject = RuntimeSubject(rawValue: String(word)) else {
                    throw UsageError(message: "--only takes \(RuntimeSubject.allNames), not \"\(word)\"")
                }
                subjects.insert(subject)
            }
        }
        self.subjects = subjects
        var bootstraps: [Bootstrap] = []
        for assignment in try arguments.options("--bootstrap") {
            guard let sign = assignment.firstIndex(of: "="), sign != assignment.startIndex,
                assignment.index(after: sign) != assignment.endIndex
            else { throw UsageError(message: "--bootstrap takes NAME=PATH, not \"\(assignment)\"") }
            let name = String(assignment[..<sign])
            guard !bootstraps.contains(where: { $0.name == name }) else {
                throw UsageError(message: "--bootstrap names \(name) twice")
            }
            bootstraps.append(Bootstrap(name: name, path: String(assignment[assignment.index(after: sign)...])))
        }
        self.bootstraps = bootstraps
    }
}

/// What can be measured of a runtime.
enum RuntimeSubject: String, Sendable, CaseIterable {
    /// Exec to first `next` and to first response, with everything in the page cache.
    case start
    /// The same after the bootstrap's files have been dropped from the page cache.
    case evicted
    /// Events with one SQS record.
    case sqs
    /// Events with 100 Kinesis records.
    case kinesis
    /// Events of 6 MB.
    case large
    /// The first verified TLS request.
    case tls
    /// Resident memory over a million invocations.
    case memory
    /// The start of the seven real functions, and the first invocation of some.
    case functions

    /// What is measured when nothing is said: not `functions`, which needs all of them built and every server up.
    static let standard = Set(allCases).subtracting([.functions])

    static let allNames = allCases.map(\.rawValue).joined(separator: ", ")

    /// What the harness is told, for subjects in which bootstraps are compared.
    ///
    /// The counts make one round last two or three seconds.
    var comparison: [String]? {
        switch self {
        case .start: ["--event", "sqs", "--starts", "10", "--warmup", "0", "--count", "1"]
        case .evicted: ["--event", "sqs", "--starts", "4", "--warmup", "0", "--count", "1"]
        case .sqs: ["--event", "sqs", "--warmup", "200", "--count", "2500"]
        case .kinesis: ["--event", "kinesis", "--warmup", "100", "--count", "800"]
        case .large: ["--event", "large", "--warmup", "2", "--count", "10"]
        case .tls, .memory, .functions: nil
        }
    }
}
