#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Ways for a process to die in the middle of its work.
enum Crashes {
    /// Dies the given way; returns only for a name it does not know.
    static func die(_ way: String, _ number: Int32) {
        switch way {
        case "trap": preconditionFailure("the probe traps")
        case "index": print([1, 2, 3][Int(number) + 3])
        case "null": readNull()
        case "overflow": print(overflow(Int(number)))
        case "abort": abort()
        case "signal": raise(number)
        case "exit": exit(number)
        default: break
        }
    }

    /// Reads the first page, which is never mapped.
    private static func readNull() {
        if let pointer = UnsafePointer<Int>(bitPattern: 8) { print(pointer.pointee) }
    }

    /// Recurses until the stack ends; every frame holds something that is used after the call.
    @inline(never)
    private static func overflow(_ depth: Int) -> Int {
        var room = (depth, depth, depth, depth)
        return withUnsafeBytes(of: &room) { overflow(depth + $0.count) } &+ room.0
    }
}
