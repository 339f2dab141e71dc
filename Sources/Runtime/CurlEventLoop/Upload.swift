import CCurl
import Wire

/// A request body that is written while the transfer runs, sent chunked, perhaps with trailers at its end.
///
/// The writer waits when the peer takes less than it writes, so that at most one buffer is ever kept.
package final class Upload: @unchecked Sendable {
    // @unchecked: used by tasks and by callbacks of one event loop only, all of them on the loop's thread.

    /// A writer waits as soon as this much is unsent; libcurl itself takes 64 KiB at a time.
    private static let highWaterBytes = 128 * 1024

    private var handle: UnsafeMutableRawPointer?
    private var pending: [UInt8] = []
    private var sent = 0
    private var isPaused = false
    private var isFinished = false
    private var isOver = false
    private var trailers: [String] = []
    private var waiting: CheckedContinuation<Void, Never>?

    /// An empty body.
    package init() {}

    /// Adds bytes, and waits while too many are unsent.
    ///
    /// - Returns: whether the transfer still takes bytes; `false` once it has ended for whatever reason.
    package func write(_ bytes: Bytes) async -> Bool {
        guard !isOver, !isFinished else { return false }
        pending.append(contentsOf: bytes)
        resume()
        if pending.count - sent > Self.highWaterBytes {
            await withCheckedContinuation { waiting = $0 }
        }
        return !isOver
    }

    /// Ends the body; the lines, `Name: value`, are sent as trailers.
    package func finish(trailers: [String] = []) {
        self.trailers = trailers
        isFinished = true
        resume()
    }

    func attach(to handle: UnsafeMutableRawPointer) {
        self.handle = handle
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = fincore_curl_set_pointer(handle, CURLOPT_READDATA, context)
        _ = fincore_curl_set_data_callback(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
            Upload.from(context)?.read(into: bytes, size * count) ?? Int(CURL_READFUNC_ABORT)
        }
        _ = fincore_curl_set_pointer(handle, CURLOPT_TRAILERDATA, context)
        _ = fincore_curl_set_trailer_callback(handle, CURLOPT_TRAILERFUNCTION) { list, context in
            for line in Upload.from(context)?.trailers ?? [] {
                list?.pointee = curl_slist_append(list?.pointee, line)
            }
            return CURL_TRAILERFUNC_OK
        }
    }

    /// The transfer has ended: nobody takes bytes any more.
    func detach() {
        handle = nil
        isOver = true
        releaseWriter()
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> Upload? {
        guard let context else { return nil }
        return Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue()
    }

    private func resume() {
        guard isPaused, let handle else { return }
        isPaused = false
        curl_easy_pause(handle, CURLPAUSE_CONT)
    }

    private func releaseWriter() {
        let writer = waiting
        waiting = nil
        writer?.resume()
    }

    private func read(into buffer: UnsafeMutablePointer<CChar>?, _ capacity: Int) -> Int {
        let count = min(capacity, pending.count - sent)
        guard count > 0, let buffer else {
            if isFinished { return 0 }
            isPaused = true
            return Int(CURL_READFUNC_PAUSE)
        }
        let target = UnsafeMutableRawBufferPointer(start: buffer, count: count)
        target.copyBytes(from: pending[sent..<sent + count])
        sent += count
        if sent == pending.count {
            pending.removeAll(keepingCapacity: true)
            sent = 0
        }
        if pending.count - sent <= Self.highWaterBytes { releaseWriter() }
        return count
    }
}
