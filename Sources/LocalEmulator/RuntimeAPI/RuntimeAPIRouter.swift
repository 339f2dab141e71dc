/// Which call of the Runtime API, the Extensions API and their neighbours a request is.
enum RuntimeAPIRouter {
    /// Carries out one request of the function's process; blocks while it waits for an event.
    static func answer(_ request: HTTPServerRequest, _ session: RuntimeSession) -> HTTPServerResponse {
        let segments = request.pathSegments
        guard let route = Route(segments) else { return RuntimeAPIAnswer.notFound }
        guard request.method == route.method else { return RuntimeAPIAnswer.methodNotAllowed(route.method) }
        return switch route {
        // Kept by AWS "to respect Hyrum's Law".
        case .ping: .text(200, "pong")
        case .next: session.next()
        case .response(let requestID): session.respond(requestID, request)
        case .error(let requestID): session.reportError(requestID, request)
        case .initError: session.reportInitError(request)
        case .registerExtension: session.registerExtension(request)
        case .extensionNext: session.nextExtensionEvent(request)
        case .extensionInitError: session.reportExtensionError(request, .initError)
        case .extensionExitError: session.reportExtensionError(request, .exitError)
        case .logs: RuntimeAPIAnswer.error(202, "Logs.NotSupported", "Logs API is not supported")
        case .telemetry: RuntimeAPIAnswer.error(202, "Telemetry.NotSupported", "Telemetry API is not supported")
        }
    }

    /// The calls (RIE `rapi/router.go`). Those of SnapStart (`restore/next`, `restore/error`, `credentials`) are only
    /// there for functions that use it; none here does.
    private enum Route {
        case ping, next, initError
        case response(requestID: String), error(requestID: String)
        case registerExtension, extensionNext, extensionInitError, extensionExitError
        case logs, telemetry

        init?(_ segments: [String]) {
            switch segments.first {
            case "2018-06-01": self.init(runtime: Array(segments.dropFirst()))
            case "2020-01-01": self.init(extensions: Array(segments.dropFirst()))
            case "2020-08-15" where segments.dropFirst() == ["logs"]: self = .logs
            case "2022-07-01" where segments.dropFirst() == ["telemetry"]: self = .telemetry
            default: return nil
            }
        }

        private init?(runtime path: [String]) {
            switch path {
            case ["ping"]: self = .ping
            case ["runtime", "invocation", "next"]: self = .next
            case ["runtime", "init", "error"]: self = .initError
            default:
                guard path.count == 4, path[0] == "runtime", path[1] == "invocation" else { return nil }
                switch path[3] {
                case "response": self = .response(requestID: path[2])
                case "error": self = .error(requestID: path[2])
                default: return nil
                }
            }
        }

        private init?(extensions path: [String]) {
            switch path {
            case ["extension", "register"]: self = .registerExtension
            case ["extension", "event", "next"]: self = .extensionNext
            case ["extension", "init", "error"]: self = .extensionInitError
            case ["extension", "exit", "error"]: self = .extensionExitError
            default: return nil
            }
        }

        var method: String {
            switch self {
            case .ping, .next, .extensionNext: "GET"
            case .logs, .telemetry: "PUT"
            default: "POST"
            }
        }
    }
}
