import Foundation
import LocalEmulator
import Testing

@Suite("The whole stack") struct LocalStackTests {
    private static func function(_ name: String) -> JSONValue {
        [
            "Type": "AWS::Serverless::Function",
            "Properties": ["Runtime": "provided.al2023", "Handler": "h", "CodeUri": .string(name), "Timeout": 10],
        ]
    }

    @Test("a function that cannot start is reported and named; the others go on")
    func startFailure() throws {
        let folder = try TemporaryFolder()
        let good = try TestBootstrap("return 'ok'")
        let bad = try TestBootstrap("return 1", beforeFirstNext: "sys.exit('no luck')")
        defer {
            good.remove()
            bad.remove()
        }
        for (name, bootstrap) in [("Good", good), ("Bad", bad)] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/" + name,
                withDestinationPath: (bootstrap.path as NSString).deletingLastPathComponent)
        }
        let template: JSONValue = ["Resources": ["Good": Self.function("Good"), "Bad": Self.function("Bad")]]
        try template.serialized().write(to: URL(fileURLWithPath: folder.path + "/template.json"))
        try Data("{}".utf8).write(to: URL(fileURLWithPath: folder.path + "/local.json"))
        let options = LocalStack.Options(
            templateFile: folder.path + "/template.json", configurationFile: folder.path + "/local.json",
            binariesDirectory: folder.path, dataDirectory: folder.path + "/data")
        let reports = Monitor<[[String]]>([])
        let stack = try LocalStack(
            options,
            onEvent: { event in
                if case .function(.initFailed("Bad", _, let lines)) = event { reports.withLock { $0.append(lines) } }
            })
        defer { stack.stop() }
        #expect(Array(stack.startFailures.keys) == ["Bad"])
        #expect(stack.startFailures["Bad"]?.contains("exit status 1") == true)
        #expect(reports.read { $0 } == [["no luck"], ["no luck"]], "once for each attempt, with its last words")
        let result = try stack.host.invoke("Good", InvocationRequest(payload: Data("{}".utf8)))
        #expect(result.payload == Data("\"ok\"".utf8))
    }
}
