import Foundation
import LocalEmulator

/// The bootstraps of one run: the echo, the two floors, AWS's own for Python, and those the caller names.
struct RuntimeContenders {
    let all: [RuntimeContender]
    /// Name and version of the interpreter and of AWS's runtime in it; empty when another one takes its place.
    let pythonVersions: [String]

    init(_ named: [RuntimeBenchmarkOptions.Bootstrap]) throws {
        func choose(_ name: String, otherwise make: () throws -> RuntimeContender) throws -> RuntimeContender {
            guard let bootstrap = named.first(where: { $0.name == name }) else { return try make() }
            return try Self.contender(bootstrap)
        }
        var pythonVersions: [String] = []
        let standard = [
            try choose(RuntimeResults.echo) {
                var echo = try Self.built("Echo", as: RuntimeResults.echo)
                echo.isEcho = true
                return echo
            },
            try choose(RuntimeResults.floor) {
                let program = try RuntimePrograms.floor()
                return RuntimeContender(name: RuntimeResults.floor, command: [program], files: [program])
            },
            try choose(RuntimeResults.socketFloor) {
                let program = try RuntimePrograms.socketFloor()
                return RuntimeContender(name: RuntimeResults.socketFloor, command: [program], files: [program])
            },
            try choose(RuntimeResults.peer) {
                let (contender, versions) = try Self.python()
                pythonVersions = versions
                return contender
            },
        ]
        self.pythonVersions = pythonVersions
        let names = Set(standard.map(\.name))
        all = standard + (try named.filter { !names.contains($0.name) }.map(Self.contender))
    }

    /// A product of `scripts/build-bootstraps`.
    static func built(_ product: String, as name: String) throws -> RuntimeContender {
        let path = "\(ProjectFiles.root)/.build/package/release/\(product)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BenchmarkError(reason: "\(path) is missing: run scripts/build-bootstraps \(product)")
        }
        return RuntimeContender(name: name, command: [path], files: [path])
    }

    /// An executable, or the directory of an unpacked zip with its `bootstrap`.
    private static func contender(_ bootstrap: RuntimeBenchmarkOptions.Bootstrap) throws -> RuntimeContender {
        let path = URL(fileURLWithPath: bootstrap.path).path
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
        let executable = isDirectory.boolValue ? path + "/bootstrap" : path
        guard exists, FileManager.default.isExecutableFile(atPath: executable) else {
            throw BenchmarkError(reason: "\(executable) is no executable")
        }
        return RuntimeContender(name: bootstrap.name, command: [executable], files: [path])
    }

    /// AWS's runtime for Python out of the tests' environment, with the echo of Benchmarks/Runtime.
    private static func python() throws -> (RuntimeContender, versions: [String]) {
        let environment = ProcessInfo.processInfo.environment["FINCORE_VENV"] ?? ProjectFiles.root + "/.build/venv"
        let python = environment + "/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw BenchmarkError(
                reason: "\(python) is missing: FINCORE_VENV names a Python environment with awslambdaric")
        }
        let variables = ["PYTHONPATH": ProjectFiles.root + "/Benchmarks/Runtime", "_HANDLER": "echo_handler.handler"]
        let lines = try Program(path: python).run(["-c", loadEverything], variables: variables)
        let contender = RuntimeContender(
            name: RuntimeResults.peer, command: [python, "-m", "awslambdaric", "echo_handler.handler"],
            variables: variables, files: Array(lines.dropFirst(versionLines)), isEcho: true)
        return (contender, Array(lines.prefix(versionLines)))
    }

    private static let versionLines = 2

    /// Imports what a start of awslambdaric does, whereby Python writes the bytecode that is missing; prints two lines
    /// with versions, then the files read: those mapped (interpreter, libraries) and the modules'.
    private static let loadEverything = """
        import importlib.metadata, os, platform, sys
        versions = [platform.python_implementation() + " " + platform.python_version()]
        versions.append("awslambdaric " + importlib.metadata.version("awslambdaric"))
        import awslambdaric.bootstrap, awslambdaric.__main__, echo_handler
        files = {line.split(None, 5)[5].strip() for line in open("/proc/self/maps") if "/" in line}
        for module in list(sys.modules.values()):
            files.add(getattr(module, "__cached__", None) or getattr(module, "__file__", None) or "")
        print("\\n".join(versions + sorted(path for path in files if os.path.isfile(path))))
        """
}
