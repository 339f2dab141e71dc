import Synchronization

/// Counts what closures do.
final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func increase() {
        count.add(1, ordering: .sequentiallyConsistent)
    }
}
