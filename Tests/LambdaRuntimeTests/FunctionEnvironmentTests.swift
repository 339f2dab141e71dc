import CurlEventLoop
import Telemetry
import Testing

@testable import LambdaRuntime

@Suite("Function environment") struct FunctionEnvironmentTests {
    @Test("a missing variable is named")
    func missingVariable() {
        let environment = FunctionEnvironment(variables: ["EMPTY": ""], loop: EventLoop(), logger: Logger())
        for name in ["EMPTY", "ABSENT"] {
            #expect(throws: ConfigurationError.missingVariable(name)) { try environment.required(name) }
        }
        #expect(throws: ConfigurationError.self) {
            try FunctionEnvironment(variables: ["N": "x"], loop: EventLoop(), logger: Logger()).integer("N", default: 1)
        }
    }
}
