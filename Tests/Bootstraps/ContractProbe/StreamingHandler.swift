import CurlEventLoop
import LambdaEvents
import LambdaRuntime
import Synchronization
import Wire

/// Streams what the command says.
struct StreamingHandler: StreamingLambdaHandler {
    private static let pieceBytes = 65_536

    let loop: EventLoop
    private let kept = KeptResponse()

    init(loop: EventLoop) {
        self.loop = loop
    }

    func handle(_ command: Command, context: LambdaContext, response: ResponseStream) async throws {
        if let statusCode = command.statusCode {
            try await response.writeHead(
                statusCode: statusCode, headers: [("Content-Type", "text/plain"), ("X-Text", "é \"quoted\"\n")],
                cookies: ["a=1; Secure", "b=2"])
        }
        switch command.do {
        case "write from several tasks":
            try await writeFromTasks(command, response) { writer in try await writer() }
        case "write from other threads":
            try await writeFromTasks(command, response) { writer in try await Task.detached(operation: writer).value }
        case "write to the one before": try await writeToKept(response)
        default: try await write(command, response)
        }
        kept.keep(response)
        try await end(command, response)
    }

    private func write(_ command: Command, _ response: ResponseStream) async throws {
        for chunk in command.chunks ?? [] { try await response.write(Bytes(utf8: chunk)) }
        // Many equal chunks, for responses larger than any event could ask for word by word.
        for _ in 0..<(command.count ?? 0) {
            try await response.write(Bytes(repeatElement(UInt8(ascii: "x"), count: Self.pieceBytes)))
        }
    }

    private func end(_ command: Command, _ response: ResponseStream) async throws {
        switch command.then {
        case "throw": throw Deeds.error(command)
        case "decode": _ = try InnerDocument(text: command.anyText)
        case "sleep": await loop.sleep(milliseconds: command.pause ?? 0)
        case "second head": try await response.writeHead(statusCode: 500, headers: [], cookies: [])
        case let deed?: Crashes.die(deed, 0)
        case nil: break
        }
    }

    /// One task for each of the chunks, which writes as many pieces full of its first byte.
    private func writeFromTasks(
        _ command: Command, _ response: ResponseStream,
        run: @escaping @Sendable (@escaping @Sendable () async throws -> Void) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            for byte in (command.chunks ?? []).compactMap(\.utf8.first) {
                group.addTask {
                    try await run {
                        let piece = Bytes(repeatElement(byte, count: Self.pieceBytes))
                        for _ in 0..<(command.count ?? 0) { try await response.write(piece) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Answers with the errors of writing to a response that has ended.
    private func writeToKept(_ response: ResponseStream) async throws {
        guard let ended = kept.response else { return }
        do {
            try await ended.write([0])
        } catch {
            try await response.write(Bytes(utf8: "\(error)"))
        }
        do {
            try await ended.writeHead(statusCode: 200)
        } catch {
            try await response.write(Bytes(utf8: "; \(error)"))
        }
    }
}

/// The response of the invocation before.
private final class KeptResponse: Sendable {
    private let kept = Mutex<ResponseStream?>(nil)

    var response: ResponseStream? { kept.withLock { $0 } }

    func keep(_ response: ResponseStream) {
        kept.withLock { $0 = response }
    }
}
