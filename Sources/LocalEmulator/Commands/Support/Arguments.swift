/// A call that cannot be understood.
struct UsageError: Error {
    let message: String
}

/// The words behind a command's name, taken one by one.
struct Arguments {
    private var words: [String]

    init(_ words: [String]) {
        self.words = words
    }

    /// Whether `--name` was given.
    mutating func flag(_ name: String) -> Bool {
        guard let index = words.firstIndex(of: name) else { return false }
        words.remove(at: index)
        return true
    }

    /// The value behind `--name`; `nil` when it was not given.
    mutating func option(_ name: String) throws(UsageError) -> String? {
        guard let index = words.firstIndex(of: name) else { return nil }
        guard index + 1 < words.count else { throw UsageError(message: "\(name) takes a value") }
        let value = words[index + 1]
        words.removeSubrange(index...(index + 1))
        return value
    }

    /// The number behind `--name`.
    mutating func number(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = try option(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw UsageError(
                message: "\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return value
    }

    /// Every value behind `--name`, which may be given several times.
    mutating func options(_ name: String) throws(UsageError) -> [String] {
        var values: [String] = []
        while let value = try option(name) { values.append(value) }
        return values
    }

    /// The next word that is no option.
    mutating func positional(_ what: String) throws(UsageError) -> String {
        guard let index = words.firstIndex(where: { !$0.hasPrefix("--") }) else {
            throw UsageError(message: "\(what) is missing")
        }
        return words.remove(at: index)
    }

    /// Whether a word that is no option is left.
    var hasPositional: Bool { words.contains { !$0.hasPrefix("--") } }

    /// Refuses what nobody took.
    func finish() throws(UsageError) {
        if let word = words.first { throw UsageError(message: "\"\(word)\" is not understood") }
    }
}
