import Foundation
import Testing

@testable import LocalEmulator

/// A function written in Python, driven by a queue or a stream of the emulator.
///
/// The function appends what it saw to a list file, one JSON document per line, so that a test can read its history.
final class SourceRig {
    let queues: SQSService
    let streams: KinesisService
    let events = Monitor<[EventSourceEvent]>([])
    private let bootstrap: TestBootstrap
    private let historyFile: String
    let host: FunctionHost
    private let names = LocalNames(account: LocalNames.defaultAccount, endpoint: "http://127.0.0.1:1")
    private(set) var sources: EventSources?

    /// - Parameter handler: Python; `seen` is what to note down, `event` the event.
    init(_ handler: String, concurrency: Int? = nil, throttleMilliseconds: Int64? = nil) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("history-\(UUID().uuidString)").path
        historyFile = file
        bootstrap = try TestBootstrap(
            """
            import base64
            def note(seen):
                with open(os.environ['HISTORY'], 'a') as file:
                    file.write(json.dumps(seen) + '\\n')
            def data(record):
                return base64.b64decode(record['kinesis']['data']).decode()
            def wait_for(file):
                while not os.path.exists(file): time.sleep(0.01)
            \(handler)
            """)
        let path = bootstrap.path
        let account = names.account
        queues = SQSService(account: account.id, region: account.region, baseURL: { "http://127.0.0.1:1" })
        streams = KinesisService(account: account.id, region: account.region)
        host = FunctionHost(
            functions: [
                FunctionDefinition(
                    name: "F", codeURI: ".", handler: "h", timeoutSeconds: 10, memoryMegabytes: 128,
                    variables: ["HISTORY": file], reservedConcurrency: concurrency)
            ], names: names, bootstrap: { _ in path }, environment: [:], throttleMilliseconds: throttleMilliseconds,
            onEvent: { _ in })
    }

    func start(_ change: (inout StackModel) -> Void) {
        var model = StackModel()
        change(&model)
        let events = self.events
        let sources = EventSources(
            model: model, names: names, queues: queues, streams: streams, host: host,
            onEvent: { event in events.withLock { $0.append(event) } })
        sources.resume()
        self.sources = sources
    }

    func stop() {
        sources?.stop()
        host.stop()
        bootstrap.remove()
        try? FileManager.default.removeItem(atPath: historyFile)
    }

    /// What the function noted down so far.
    var history: [JSONValue] {
        let text = (try? String(contentsOfFile: historyFile, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { try? JSONValue(parsing: Data($0.utf8)) }
    }

    /// Waits until the history is as wanted; returns the last one.
    func waitForHistory(_ isWanted: ([JSONValue]) -> Bool) -> [JSONValue] {
        let never = Monitor(false)
        let deadline = EmulatorClock.nowMilliseconds() + 20_000
        while !isWanted(history) && EmulatorClock.nowMilliseconds() < deadline {
            // Nobody can be notified by a file; the monitor is only a bounded pause.
            _ = never.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20) { $0 ? true : nil }
        }
        return history
    }

    func waitForEvent(_ event: EventSourceEvent) -> Bool { waitForEvent { $0 == event } }

    func waitForEvent(_ isWanted: (EventSourceEvent) -> Bool) -> Bool {
        events.wait(untilMilliseconds: EmulatorClock.nowMilliseconds() + 20_000) {
            $0.contains(where: isWanted) ? true : nil
        } ?? false
    }
}
