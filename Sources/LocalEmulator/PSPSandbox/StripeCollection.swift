/// An object of the account, found by its identifier.
protocol StripeObject: Sendable {
    /// The identifier, for example `pi_…`.
    var id: String { get }
    /// Seconds since 1970.
    var created: Int64 { get }
    /// The object as the API shows it.
    var rendered: JSONValue { get }
}

/// The objects of one kind in the order they were created.
struct StripeCollection<Object: StripeObject>: Sendable {
    private var objects: [String: Object] = [:]
    private var order: [String] = []

    /// How many there are.
    var count: Int { order.count }

    /// Every object, oldest first.
    var all: [Object] { order.compactMap { objects[$0] } }

    /// The objects created after the first `count`.
    func newerThan(first count: Int) -> [Object] { order.dropFirst(count).compactMap { objects[$0] } }

    /// The object of an identifier.
    subscript(id: String) -> Object? { objects[id] }

    /// Adds a new object or replaces the one of the same identifier.
    mutating func store(_ object: Object) {
        if objects.updateValue(object, forKey: object.id) == nil { order.append(object.id) }
    }
}
