import Domain
import FoundationEssentials

/// Identifiers that sort by the time they were made: a prefix, 48 bits of milliseconds and 80 random bits, the layout
/// of a ULID in Crockford's base 32 (no I, L, O, U), 26 characters after the prefix.
///
/// Sortable keys keep neighbours together in every store, and 80 random bits make a collision within one millisecond
/// a matter of 2^-40 even at a million identifiers.
public struct SortableIDGenerator: IDGenerator {
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let randomByteCount = 10

    private let clock: any WallClock
    private let randomBytes: @Sendable (Int) -> [UInt8]

    /// - Parameter randomBytes: the source of randomness; the system's by default, a seeded one in a simulation.
    public init(
        clock: any WallClock,
        randomBytes: @escaping @Sendable (Int) -> [UInt8] = SortableIDGenerator.systemRandomBytes
    ) {
        self.clock = clock
        self.randomBytes = randomBytes
    }

    public func make(prefix: String) -> String {
        let milliseconds = UInt64(max((clock.now().timeIntervalSince1970 * 1000).rounded(), 0))
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> UInt64(40 - 8 * $0)) }
        bytes += randomBytes(Self.randomByteCount).prefix(Self.randomByteCount)
        return prefix + "_" + Self.base32(bytes)
    }

    /// Bytes from the operating system's generator.
    public static let systemRandomBytes: @Sendable (Int) -> [UInt8] = { count in
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// 128 bits as 26 characters of 5 bits; the two bits too many are zeros at the front, so the order is kept.
    private static func base32(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        var buffer: UInt32 = 0
        var bitCount = 2
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 5 {
                bitCount -= 5
                characters.append(alphabet[Int(buffer >> UInt32(bitCount)) & 31])
            }
            buffer &= (1 << UInt32(bitCount)) - 1
        }
        return String(decoding: characters, as: UTF8.self)
    }
}

/// The operating system's clock.
public struct SystemClock: WallClock {
    /// The clock; it has no state of its own.
    public init() {}

    public func now() -> Date { Date() }
}
