import FoundationEssentials

/// Where time comes from. The domain reads no clock of its own: a whole run is reproducible from its inputs.
public protocol WallClock: Sendable {
    /// The present moment.
    func now() -> Date
}
