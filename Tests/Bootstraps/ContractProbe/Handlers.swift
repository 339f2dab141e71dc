import CurlEventLoop
import LambdaEvents
import LambdaRuntime
import Wire

/// Answers with the event's own bytes.
struct RawHandler: LambdaHandler {
    func handle(_ event: RawPayload, context: LambdaContext) async -> RawPayload { event }
}

/// Takes and returns Codable values.
struct TypedHandler: LambdaHandler {
    func handle(_ event: Command, context: LambdaContext) async -> Sighting { Sighting(context) }
}

/// Does anything, also what takes time.
struct CommandHandler: LambdaHandler {
    let loop: EventLoop

    func handle(_ command: Command, context: LambdaContext) async throws -> RawPayload {
        switch command.do {
        case "sleep":
            context.logger.info("sleeping")
            await loop.sleep(milliseconds: command.count ?? 0)
            return RawPayload(Bytes(utf8: "\"slept\""))
        case "trap elsewhere":
            // Not on the event loop: on one of the threads of Swift's own pool.
            await Task.detached { Crashes.die("trap", 0) }.value
            return RawPayload(Bytes())
        default:
            return RawPayload(try Deeds.perform(command, context))
        }
    }
}

/// Does anything that needs no waiting, without a task.
struct SynchronousHandler: SynchronousLambdaHandler {
    func handle(_ command: Command, context: LambdaContext) throws -> RawPayload {
        RawPayload(try Deeds.perform(command, context))
    }
}

/// Streams what the command says.
struct StreamingHandler: StreamingLambdaHandler {
    let loop: EventLoop

    func handle(_ command: Command, context: LambdaContext, response: ResponseStream) async throws {
        if let statusCode = command.statusCode {
            try await response.writeHead(
                statusCode: statusCode, headers: [("Content-Type", "text/plain"), ("X-Text", "é \"quoted\"\n")],
                cookies: ["a=1; Secure", "b=2"])
        }
        for chunk in command.chunks ?? [] { try await response.write(Bytes(utf8: chunk)) }
        // Many equal chunks, for responses larger than any event could ask for word by word.
        for _ in 0..<(command.count ?? 0) {
            try await response.write(Bytes(repeatElement(UInt8(ascii: "x"), count: 65_536)))
        }
        switch command.then {
        case "throw": throw Deeds.error(command)
        case "sleep": await loop.sleep(milliseconds: command.pause ?? 0)
        case "second head": try await response.writeHead(statusCode: 500, headers: [], cookies: [])
        case let deed?: Crashes.die(deed, 0)
        case nil: break
        }
    }
}

/// What a record of a batch asks for.
enum RecordDeeds {
    static func perform(_ text: String, _ context: LambdaContext) throws {
        context.logger.info("record", ["text": .string(text)])
        if text.hasPrefix("fail") { throw PlainError(description: "the record fails as asked") }
    }
}
