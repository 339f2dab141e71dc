import Foundation
import Glibc
import Synchronization
import TestSupport

/// A listener on loopback that answers commands from a script: for what a real Redis cannot be made to do on demand.
final class ScriptedServer: Sendable {
    /// What happens when a command has arrived on a connection.
    enum Step: Sendable {
        case answer(String)
        /// Sends the text, then closes the connection.
        case answerAndClose(String)
        /// Never answers.
        case silence
    }

    let port: Int
    private let listener: Int32
    private let state: Mutex<(steps: [Step], commands: Int, connections: [Int32])>

    /// - Parameter steps: one per command, over all connections.
    init(_ steps: [Step]) throws {
        let port = try Loopback.freePort()
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard Loopback.bindAndListen(listener, port: port) else {
            throw ServerProcess.Failure(description: "cannot listen on port \(port): errno \(errno)")
        }
        self.port = port
        self.listener = listener
        state = Mutex((steps, 0, []))
        Thread.detachNewThread { [self] in acceptConnections() }
    }

    /// How many commands have arrived.
    var commandCount: Int { state.withLock { $0.commands } }

    /// How many connections have been accepted.
    var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Ends the listener and every connection.
    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in state.withLock({ $0.connections }) { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    private func acceptConnections() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                close(listener)
                return
            }
            state.withLock { $0.connections.append(connection) }
            Thread.detachNewThread { [self] in serve(connection) }
        }
    }

    /// A command of this client fits one segment on loopback, so what one read gives is one command.
    private func serve(_ connection: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while read(connection, &buffer, buffer.count) > 0 {
            let step: Step = state.withLock { state in
                state.commands += 1
                return state.steps.isEmpty ? .silence : state.steps.removeFirst()
            }
            switch step {
            case .answer(let text): send(text, to: connection)
            case .answerAndClose(let text):
                send(text, to: connection)
                shutdown(connection, Int32(SHUT_RDWR))
            case .silence: continue
            }
        }
    }

    private func send(_ text: String, to connection: Int32) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}

extension Loopback {
    static func bindAndListen(_ descriptor: Int32, port: Int) -> Bool {
        var address = address(port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withSockaddr(&address) { bind(descriptor, $0, length) == 0 } && listen(descriptor, 16) == 0
    }
}
