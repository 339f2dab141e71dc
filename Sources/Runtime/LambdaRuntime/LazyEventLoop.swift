import CLinux
import CurlEventLoop
import Synchronization

/// An event loop that a function which waits for nothing never makes: its descriptors and buffers are part of a start.
final class LazyEventLoop: Sendable {
    private let made: Mutex<EventLoop?>

    init(_ loop: EventLoop?) {
        made = Mutex(loop)
    }

    var loop: EventLoop {
        made.withLock { made in
            if let made { return made }
            // Whoever does I/O asks for names.
            fincore_use_built_in_name_services()
            let loop = EventLoop()
            made = loop
            return loop
        }
    }
}
