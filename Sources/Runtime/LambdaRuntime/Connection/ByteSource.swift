/// Where the bytes of a response come from: a socket, or in a test what the test says.
protocol ByteSource {
    /// Waits for bytes and takes some; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ConnectionError) -> Int
}
