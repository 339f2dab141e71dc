/// Where ids come from. The domain makes none of its own: a whole run is reproducible from its inputs.
public protocol IDGenerator: Sendable {
    /// A new id `<prefix>_<unique part>`; ids made later by one generator sort after earlier ones.
    func make(prefix: String) -> String
}
