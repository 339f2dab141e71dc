import Foundation
import LocalEmulator

/// A host with one function written in Python.
struct HostRig {
    let host: FunctionHost
    let events = Monitor<[FunctionEvent]>([])
    let bootstrap: TestBootstrap

    init(
        _ handler: String, beforeFirstNext: String = "pass", timeoutSeconds: Int = 10, chaos: ChaosPlan = ChaosPlan(),
        concurrency: Int? = nil, retries: [Int64] = [], throttleMilliseconds: Int64? = nil
    ) throws {
        bootstrap = try TestBootstrap(handler, beforeFirstNext: beforeFirstNext)
        let definition = FunctionDefinition(
            name: "F", codeURI: ".", handler: "h", timeoutSeconds: timeoutSeconds, memoryMegabytes: 128,
            variables: ["OWN": "1"], reservedConcurrency: concurrency)
        let events = self.events
        let path = bootstrap.path
        host = FunctionHost(
            functions: [definition], names: LocalNames(account: LocalNames.defaultAccount, endpoint: "http://x"),
            bootstrap: { _ in path }, environment: [:], chaos: chaos,
            retries: .init(delaysMilliseconds: retries), throttleMilliseconds: throttleMilliseconds,
            onEvent: { event in events.withLock { $0.append(event) } })
    }

    func invoke(_ payload: String = "{}") throws -> InvocationResult {
        try host.invoke("F", InvocationRequest(payload: Data(payload.utf8)))
    }

    func stop() {
        host.stop()
        bootstrap.remove()
    }

    /// Waits for an event that fits.
    func event(_ fits: (FunctionEvent) -> Bool) -> Bool {
        events.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 10_000) { events in
            events.contains(where: fits) ? true : nil
        } ?? false
    }
}
