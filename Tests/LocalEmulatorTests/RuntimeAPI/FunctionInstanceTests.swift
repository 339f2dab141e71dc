import Foundation
import Testing

@testable import LocalEmulator

@Suite("One function process") struct FunctionInstanceTests {
    private static let definition = FunctionDefinition(
        name: "F", codeURI: ".", handler: "h", timeoutSeconds: 10, memoryMegabytes: 128, variables: [:])

    @Test("an event that the process did not fetch before its end is handed back, and counts as no delivery")
    func handedBack() throws {
        let bootstrap = try TestBootstrap("return 1")
        defer { bootstrap.remove() }
        // Holds `next` back between "ready" and the fetch.
        let gate = Monitor((calls: 0, isOpen: false))
        let instance = try FunctionInstance(
            definition: Self.definition, bootstrap: bootstrap.path, functionARN: "arn",
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], onLine: { _ in },
            onStateChange: {
                let isFirst = gate.withLock { gate in
                    gate.calls += 1
                    return gate.calls == 1
                }
                if isFirst { _ = gate.wait(untilMilliseconds: nil) { $0.isOpen ? true : nil } }
            }, onCrash: { _ in })
        defer { instance.stop() }
        #expect(instance.waitUntilReady(timeoutMilliseconds: 20_000) == nil)
        Thread {
            _ = eventually { !instance.isReady }
            instance.kill()
        }.start()
        let deliveries = Monitor(0)
        let result = instance.invoke(InvocationRequest(payload: Data("{}".utf8))) { deliveries.withLock { $0 += 1 } }
        #expect(result == nil)
        #expect(deliveries.read { $0 } == 0)
        gate.withLock { $0.isOpen = true }
    }

    @Test("a process that ended is gone at once, while its last words are still on their way into the crash report")
    func goneBeforeLastWords() throws {
        // The words come from a grandchild in a session of its own, which outlives the process.
        let bootstrap = try TestBootstrap(
            "return 1",
            beforeFirstNext: """
                ready, tell = os.pipe()
                if os.fork() == 0:
                    os.setsid()
                    os.write(tell, b'.')
                    while not os.path.exists(os.environ['GATE']): time.sleep(0.005)
                    os.write(2, b'last words\\n')
                    os._exit(0)
                os.read(ready, 1)
                """)
        defer { bootstrap.remove() }
        let folder = try TemporaryFolder()
        let crashes = Monitor<[[String]]>([])
        let instance = try FunctionInstance(
            definition: Self.definition, bootstrap: bootstrap.path, functionARN: "arn",
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "GATE": folder.path + "/gate"], onLine: { _ in },
            onStateChange: {}, onCrash: { crash in crashes.withLock { $0.append(crash.lastLines) } })
        defer { instance.stop() }
        #expect(instance.waitUntilReady(timeoutMilliseconds: 20_000) == nil)
        instance.kill()
        #expect(eventually { instance.isGone })
        try Data().write(to: URL(fileURLWithPath: folder.path + "/gate"))
        let lines = crashes.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) { $0.first }
        #expect(lines == ["last words"])
    }
}
