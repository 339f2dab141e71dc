import CCurl
import Synchronization
import Wire

/// A request body that is written while the transfer runs, sent chunked, perhaps with trailers at its end.
///
/// Any task may write, on any thread, also several at once: a piece is never mixed with another. Writers wait while the
/// peer takes less than they write.
package final class Upload: Sendable {
    /// Nothing more is taken while more than this is unsent; libcurl itself takes 64 KiB at a time.
    static let highWaterBytes = 128 * 1024

    private struct State {
        var unsent = ByteQueue()
        var trailers: [String] = []
        /// libcurl has asked for bytes when there were none, and does not ask again by itself.
        var isPaused = false
        /// Asks the loop to let libcurl ask again.
        var resumeTransfer: (@Sendable () -> Void)?
        var isFinished = false
        var isOver = false
        var writers: [CheckedContinuation<Void, Never>] = []

        var takesBytes: Bool { !isFinished && !isOver }
        var hasRoom: Bool { unsent.unsentBytes <= Upload.highWaterBytes }

        mutating func takeWriters() -> [CheckedContinuation<Void, Never>] {
            defer { writers = [] }
            return writers
        }

        /// What has to be called, without the lock, for libcurl to go on.
        mutating func takeResumption() -> (@Sendable () -> Void)? {
            defer { isPaused = false }
            return isPaused ? resumeTransfer : nil
        }
    }

    private let state = Mutex(State())

    /// An empty body.
    package init() {}

    /// Adds a piece, once there is room for it.
    ///
    /// - Returns: whether it was taken; `false` once the body is finished or the transfer has ended for whatever reason.
    package func write(_ bytes: Bytes) async -> Bool {
        while true {
            switch offer(bytes) {
            case .taken(let resume):
                resume?()
                return true
            case .refused: return false
            case .full: await waitForRoom()
            }
        }
    }

    /// Ends the body; the lines, `Name: value`, are sent as trailers. Who still waits to write is refused.
    package func finish(trailers: [String] = []) {
        let (writers, resume) = state.withLock { state in
            state.trailers = trailers
            state.isFinished = true
            return (state.takeWriters(), state.takeResumption())
        }
        for writer in writers { writer.resume() }
        resume?()
    }

    /// The transfer has ended, or never begins: nobody takes bytes any more.
    package func detach() {
        let writers = state.withLock { state in
            state.isOver = true
            state.resumeTransfer = nil
            state.unsent = ByteQueue()
            return state.takeWriters()
        }
        for writer in writers { writer.resume() }
    }

    /// How many bytes are kept, sent or not.
    var keptBytes: Int { state.withLock { $0.unsent.keptBytes } }

    /// How many tasks wait for room.
    var waitingWriters: Int { state.withLock { $0.writers.count } }

    /// Makes libcurl take this body.
    func attach(to handle: UnsafeMutableRawPointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = fincore_curl_set_pointer(handle, CURLOPT_READDATA, context)
        _ = fincore_curl_set_data_callback(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let upload = Upload.from(context) else { return Int(CURL_READFUNC_ABORT) }
            let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
            return upload.read(into: buffer) ?? Int(CURL_READFUNC_PAUSE)
        }
        _ = fincore_curl_set_pointer(handle, CURLOPT_TRAILERDATA, context)
        _ = fincore_curl_set_trailer_callback(handle, CURLOPT_TRAILERFUNCTION) { list, context in
            for line in Upload.from(context)?.state.withLock({ $0.trailers }) ?? [] {
                list?.pointee = curl_slist_append(list?.pointee, line)
            }
            return CURL_TRAILERFUNC_OK
        }
    }

    /// Says how a paused transfer is made to go on; the function may be called on any thread.
    func resumeTransfer(with resume: @escaping @Sendable () -> Void) {
        state.withLock { $0.resumeTransfer = resume }
    }

    /// Moves what is next into `buffer`: how much, 0 at the end, `nil` when there is nothing yet.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let (count, writers) = state.withLock { state -> (Int?, [CheckedContinuation<Void, Never>]) in
            let count = state.unsent.read(into: buffer)
            state.isPaused = count == 0 && !state.isFinished
            return (state.isPaused ? nil : count, state.hasRoom ? state.takeWriters() : [])
        }
        for writer in writers { writer.resume() }
        return count
    }

    private enum Offer {
        case taken(resume: (@Sendable () -> Void)?)
        case refused
        case full
    }

    private func offer(_ bytes: Bytes) -> Offer {
        state.withLock { state in
            guard state.takesBytes else { return .refused }
            guard state.hasRoom else { return .full }
            guard !bytes.isEmpty else { return .taken(resume: nil) }
            state.unsent.append(bytes)
            return .taken(resume: state.takeResumption())
        }
    }

    private func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let mustWait = state.withLock { state in
                guard state.takesBytes, !state.hasRoom else { return false }
                state.writers.append(continuation)
                return true
            }
            if !mustWait { continuation.resume() }
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Upload? {
        guard let context else { return nil }
        return Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue()
    }
}
