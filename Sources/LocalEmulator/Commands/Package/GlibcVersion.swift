/// A version of the GNU C library as symbols are marked with it: `GLIBC_2.34`.
struct GlibcVersion: Comparable, CustomStringConvertible {
    private let numbers: [Int]

    init(_ major: Int, _ minor: Int) {
        numbers = [major, minor]
    }

    /// Reads the name of a symbol version.
    ///
    /// - Returns: `nil` for the versions of other libraries and for names that carry no number.
    init?(symbolVersion name: String) {
        guard name.hasPrefix(Self.prefix) else { return nil }
        if let version = Self.named[name] {
            self = version
            return
        }
        let parts = name.dropFirst(Self.prefix.count).split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, numbers.count >= 2 else { return nil }
        self.numbers = numbers
    }

    static let prefix = "GLIBC_"
    /// Symbols that belong to one build of glibc; who asks for them runs with that build only.
    static let privateSymbols = "GLIBC_PRIVATE"
    /// What is named after a feature, with the release that brought it.
    private static let named = ["GLIBC_ABI_DT_RELR": GlibcVersion(2, 36)]

    var description: String { numbers.map(String.init).joined(separator: ".") }

    static func < (left: GlibcVersion, right: GlibcVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}
