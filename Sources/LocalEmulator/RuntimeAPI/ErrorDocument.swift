import Foundation

/// The error documents that Lambda itself answers with.
enum ErrorDocument {
    static func make(type: String, message: String) -> Data {
        JSONValue.object(["errorType": .string(type), "errorMessage": .string(message)]).serialized()
    }

    /// What Lambda calls a limit on time that was passed.
    static let timeoutType = "Sandbox.Timedout"

    /// The process ended instead of answering (RIE `rapid/exit.go`).
    static func exit(requestID: String?, _ exit: ChildExit, type: String = "Runtime.ExitError") -> Data {
        let reason =
            exit == .exited(status: 0)
            ? "Runtime exited without providing a reason" : "Runtime exited with error: \(exit)"
        let prefix = requestID.map { "RequestId: \($0) " } ?? ""
        return make(type: type, message: "\(prefix)Error: \(reason)")
    }

    /// The function did not answer within its timeout.
    static func timeout(_ requestID: String, seconds: Int) -> Data {
        make(
            type: timeoutType,
            message: "RequestId: \(requestID) Error: Task timed out after \(seconds).00 seconds")
    }

    /// The function did not ask for its first event in time.
    static func initTimeout(milliseconds: Int64) -> Data {
        make(type: timeoutType, message: "Init did not finish within \(milliseconds / 1000) seconds")
    }

    /// The emulator is being stopped.
    static let stopping = make(type: "Sandbox.Failure", message: "the emulator stops")
}
