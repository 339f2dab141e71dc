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
        case "trap everywhere":
            await withDiscardingTaskGroup { tasks in
                for _ in 0..<4 { tasks.addTask { Crashes.die("trap", 0) } }
            }
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

/// What a record of a batch asks for.
enum RecordDeeds {
    static func perform(_ text: String, _ context: LambdaContext) throws {
        if text.hasPrefix("{") { _ = try InnerDocument(text: text) }
        context.logger.info("record", ["text": .string(text)])
        if text.hasPrefix("fail") { throw PlainError(description: "the record fails as asked") }
    }
}
