import LambdaCodable
import LambdaEvents
import LambdaRuntime
import Telemetry
import Wire

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What the probe saw of its invocation.
struct Sighting: Codable, LambdaEncodable {
    var requestID: String
    var functionARN: String?
    var traceID: String?
    var traceVariable: String?
    var clientContext: String?
    var cognitoIdentityID: String?
    var cognitoIdentityPoolID: String?
    var tenantID: String?
    var hasDeadline: Bool
    var remainingMilliseconds: Int

    init(_ context: LambdaContext) {
        requestID = context.requestID
        functionARN = context.invokedFunctionARN
        traceID = context.traceID
        traceVariable = getenv("_X_AMZN_TRACE_ID").map { String(cString: $0) }
        clientContext = context.clientContext
        cognitoIdentityID = context.cognitoIdentity?.identityID
        cognitoIdentityPoolID = context.cognitoIdentity?.identityPoolID
        tenantID = context.tenantID
        hasDeadline = context.deadlineMilliseconds != nil
        remainingMilliseconds = context.remainingMilliseconds()
    }
}

/// The deeds that need no waiting.
enum Deeds {
    /// Does what the command says and answers in bytes.
    static func perform(_ command: Command, _ context: LambdaContext) throws -> Bytes {
        switch command.do {
        case "context": return try Sighting(context).lambdaPayload()
        case "return": return Bytes(repeatElement(UInt8(ascii: "x"), count: command.count ?? 0))
        case "text": return Bytes(utf8: command.anyText)
        case "throw": throw error(command)
        case "decode": _ = try InnerDocument(text: command.anyText)
        case "log": log(command, context.logger)
        case "trap after log":
            log(command, context.logger)
            Crashes.die("trap", 0)
        default: Crashes.die(command.do, Int32(truncatingIfNeeded: command.count ?? 0))
        }
        return Bytes(utf8: "\"done\"")
    }

    /// The error a command describes.
    static func error(_ command: Command) -> any Error {
        guard let type = command.type else { return PlainError(description: command.anyText) }
        var error = ProbeError(errorType: type, errorMessage: command.anyText)
        if let frames = command.frames { error.stackTrace = (0..<frames).map { "frame \($0)" } }
        return error
    }

    /// One line at the named level, or at each in turn.
    private static func log(_ command: Command, _ logger: Logger) {
        let text = command.anyText
        let levels: [(String, (String, [String: LogValue]) -> Void)] = [
            ("TRACE", logger.trace), ("DEBUG", logger.debug), ("INFO", logger.info), ("WARN", logger.warning),
            ("ERROR", logger.error), ("FATAL", logger.fatal),
        ]
        for (name, write) in levels where command.level == nil || command.level == name {
            write(text, ["field": .string(text)])
        }
    }
}
