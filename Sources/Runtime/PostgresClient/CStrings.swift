/// Arrays of C strings for the length of a call, in two allocations whatever their number.
enum CStrings {
    static func with<Value>(
        _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
    ) -> Value {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(strings.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 1 })
        let offsets = strings.map { string -> Int? in
            guard let string else { return nil }
            defer {
                bytes.append(contentsOf: string.utf8)
                bytes.append(0)
            }
            return bytes.count
        }
        return bytes.withUnsafeBytes { buffer in
            let start = buffer.bindMemory(to: CChar.self).baseAddress
            let pointers = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }
}
