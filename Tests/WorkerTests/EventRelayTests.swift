import Domain
import FunctionsShared
import FunctionsTestSupport
import Testing

@testable import Worker

@Suite("Event relay")
struct EventRelayTests {
    private let world = WorkerWorld()
    private let forgotten = ChargeID(rawValue: "ch_forgotten")

    /// A charge whose events are in the journal but were never published, and that nobody asks for again.
    private func leaveBehind() async throws {
        // The effects are load, append, publish: it dies before the third.
        let fate = ProcessFate(crashAtStep: 2, moment: .beforeEffect)
        _ = try? await Fixture.initiate(forgotten, in: world.store(fate: fate))
        try #require(world.events.unpublishedVersions(forgotten) == [1, 2])
    }

    @Test("D-18: events of a charge that nobody asks for again are published beside other work, in order")
    func publishes() async throws {
        try await leaveBehind()
        world.clock.advance(seconds: EventRelay.minimumAgeSeconds)
        try await world.deliver([try await world.accept("ch_other")])
        #expect(world.events.unpublishedVersions(forgotten).isEmpty)
        let published = world.events.published.filter { $0.envelope.streamID == forgotten }
        #expect(published.map(\.envelope.version) == [1, 2])
    }

    @Test("events that are still on their way are left to their own process")
    func young() async throws {
        try await leaveBehind()
        try await world.deliver([try await world.accept("ch_other")])
        #expect(world.events.unpublishedVersions(forgotten) == [1, 2])
    }

    @Test("one process looks at most once per interval")
    func interval() async throws {
        let worker = world.worker()
        try await world.deliver([try await world.accept("ch_1")], to: worker)
        try await leaveBehind()
        world.clock.advance(seconds: EventRelay.intervalSeconds - 1)
        try await world.deliver([try await world.accept("ch_2")], to: worker)
        #expect(world.events.unpublishedVersions(forgotten) == [1, 2])
        world.clock.advance(seconds: 1)
        try await world.deliver([try await world.accept("ch_3")], to: worker)
        #expect(world.events.unpublishedVersions(forgotten).isEmpty)
    }
}
