import Glibc
import Testing

@testable import LambdaRuntime

/// Every test has a variable of its own: the environment is the whole process's.
@Suite("Trace variable") struct TraceVariableTests {
    private func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    @Test("it takes any values one after the other: longer, shorter, none, empty")
    func values() {
        let variable = TraceVariable(name: "TRACE_VALUES")
        #expect(value("TRACE_VALUES") == nil)
        let values = ["Root=1-2;Sampled=1", "R", String(repeating: "x", count: 500), nil, nil, "Root=1-3", "", "é"]
        for expected in values {
            variable.set(expected)
            #expect(value("TRACE_VALUES") == expected)
        }
    }

    @Test("what another program left in the environment is not the trace of the first invocation")
    func inherited() {
        setenv("TRACE_INHERITED", "old", 1)
        let variable = TraceVariable(name: "TRACE_INHERITED")
        #expect(value("TRACE_INHERITED") == nil)
        withExtendedLifetime(variable) {}
    }

    @Test("somebody else's setenv and unsetenv last until the next invocation")
    func foreign() {
        let variable = TraceVariable(name: "TRACE_FOREIGN")
        variable.set("one")
        setenv("TRACE_FOREIGN", "foreign", 1)
        variable.set("two")
        #expect(value("TRACE_FOREIGN") == "two")
        unsetenv("TRACE_FOREIGN")
        variable.set("three")
        #expect(value("TRACE_FOREIGN") == "three")
        setenv("TRACE_FOREIGN", "foreign", 1)
        variable.set(nil)
        #expect(value("TRACE_FOREIGN") == nil)
    }

    @Test("many values take no more room than one: the environment points to the same bytes all the time")
    func room() throws {
        let variable = TraceVariable(name: "TRACE_ROOM")
        variable.set("first")
        let start = try #require(getenv("TRACE_ROOM"))
        for number in 0..<10_000 {
            variable.set("Root=1-\(number)")
            #expect(getenv("TRACE_ROOM") == start)
        }
        #expect(value("TRACE_ROOM") == "Root=1-9999")
    }

    @Test("a value longer than the room gets more of it, and whoever still holds the former bytes may read them")
    func growth() throws {
        let variable = TraceVariable(name: "TRACE_GROWTH")
        variable.set("short")
        let former = try #require(getenv("TRACE_GROWTH"))
        for count in [512, 5_000, 50_000] {
            variable.set(String(repeating: "x", count: count))
            #expect(value("TRACE_GROWTH")?.utf8.count == count)
        }
        #expect(String(cString: former) == "short")
        variable.set("short again")
        #expect(value("TRACE_GROWTH") == "short again")
    }

    @Test("behind a value there are only zeros: a reader of a longer, earlier one finds an end")
    func zeros() throws {
        let variable = TraceVariable(name: "TRACE_ZEROS")
        variable.set(String(repeating: "x", count: 300))
        variable.set("abc")
        let start = try #require(getenv("TRACE_ZEROS"))
        #expect((3...300).allSatisfy { start[$0] == 0 })
    }

    @Test("with the variable's owner it is gone from the environment")
    func end() {
        do {
            let variable = TraceVariable(name: "TRACE_END")
            variable.set("x")
            #expect(value("TRACE_END") == "x")
        }
        #expect(value("TRACE_END") == nil)
    }
}
