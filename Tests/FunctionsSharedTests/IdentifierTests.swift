import Domain
import FoundationEssentials
import FunctionsTestSupport
import Testing

@testable import FunctionsShared

@Suite("Identifiers")
struct IdentifierTests {
    @Test("the text is a prefix and 26 characters of time and chance: the ULID specification's own example")
    func layout() {
        let clock = ManualClock(Date(timeIntervalSince1970: 1_469_918_176.385))
        let generator = SortableIDGenerator(clock: clock) { Array(repeating: 0xFF, count: $0) }
        #expect(generator.make(prefix: "ch") == "ch_01ARYZ6S41ZZZZZZZZZZZZZZZZ")
    }

    @Test("ids sort by time")
    func order() {
        let clock = ManualClock()
        let generator = SortableIDGenerator(clock: clock)
        var ids: [String] = []
        for _ in 0..<200 {
            ids.append(generator.make(prefix: "evt"))
            clock.advance(seconds: 0.001)
        }
        #expect(ids == ids.sorted())
        #expect(Set(ids.map(\.count)) == [30])
    }

    @Test("ten thousand ids of one moment differ")
    func unique() {
        let generator = SortableIDGenerator(clock: ManualClock())
        let ids = Set((0..<10_000).map { _ in generator.make(prefix: "ch") })
        #expect(ids.count == 10_000)
    }
}

@Suite("Tracing context")
struct TracingContextTests {
    private func traceID(_ header: String?) -> String {
        TracingContext(header: header, identifiers: CountingIDGenerator()).traceID
    }

    @Test(
        "the root is taken from the header",
        arguments: [
            "Root=1-67891233-abcdef012345678912345678",
            "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1",
            "Self=1-67891234-12456789abcdef0123456789;Root=1-67891233-abcdef012345678912345678",
            "Self=1-67891234-12456789abcdef0123456789; Root=1-67891233-abcdef012345678912345678",
        ])
    func root(header: String) {
        #expect(traceID(header) == "1-67891233-abcdef012345678912345678")
    }

    @Test(
        "anything else starts a trace of our own",
        arguments: [nil, "", "Parent=1", "Root=", "Root=a b", "Root=" + String(repeating: "a", count: 65)])
    func unusable(header: String?) {
        #expect(traceID(header) == "trace_1")
    }
}
