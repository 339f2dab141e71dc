import Wire

/// Bytes on their way out, in the pieces in which they came: none is copied before it is sent, none is kept after.
struct ByteQueue {
    /// What a piece takes besides its bytes: its place in the queue and the header of its memory.
    static let pieceOverheadBytes = 64

    private var pieces: [Bytes] = []
    /// The index of the first piece that is not wholly sent; those before it are empty by now.
    private var first = 0
    /// How much of that piece is sent.
    private var offset = 0
    private var bytes = 0

    var isEmpty: Bool { first == pieces.count }

    /// What is still to be sent, with what keeping it costs.
    var unsentBytes: Int { bytes + (pieces.count - first) * Self.pieceOverheadBytes }

    /// How many bytes the queue keeps from being freed, sent or not.
    var keptBytes: Int { pieces.reduce(0) { $0 + $1.count } }

    mutating func append(_ piece: Bytes) {
        guard !piece.isEmpty else { return }
        pieces.append(piece)
        bytes += piece.count
    }

    /// Moves as much as there is room for into `buffer`; returns how much that was.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        while count < buffer.count, !isEmpty {
            let piece = pieces[first]
            let part = min(buffer.count - count, piece.count - offset)
            piece.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + part])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + part]))
            }
            count += part
            offset += part
            if offset == piece.count { dropFirst() }
        }
        bytes -= count
        return count
    }

    private mutating func dropFirst() {
        pieces[first] = Bytes()
        first += 1
        offset = 0
        // Moving the rest up only when it is the smaller half costs a constant time per piece.
        if first * 2 >= pieces.count {
            pieces.removeFirst(first)
            first = 0
        }
    }
}
