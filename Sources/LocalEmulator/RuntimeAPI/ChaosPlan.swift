import Foundation

/// Which function processes are killed at which moment: the fault that every function must survive.
public struct ChaosPlan: Sendable, Equatable {
    /// One kill.
    public struct Strike: Sendable, Equatable {
        /// The function.
        public var function: String
        /// The number of the invocation, from 1, counted per function.
        public var invocation: Int
        /// How long after the process fetched the event.
        public var delayMilliseconds: Int

        /// Parses `FUNCTION:INVOCATION[:MILLISECONDS]`; `nil` when it is not of that form.
        public init?(_ text: String) {
            let parts = text.split(separator: ":").map(String.init)
            guard (2...3).contains(parts.count), let invocation = Int(parts[1]), invocation > 0,
                let delay = parts.count == 3 ? Int(parts[2]) : 0, delay >= 0
            else { return nil }
            function = parts[0]
            self.invocation = invocation
            delayMilliseconds = delay
        }
    }

    /// The kills.
    public var strikes: [Strike]

    /// A plan of these kills.
    public init(strikes: [Strike] = []) {
        self.strikes = strikes
    }

    /// Kills when the plan says so for this invocation.
    func strike(_ function: String, invocation: Int, kill: @escaping @Sendable () -> Void) {
        for strike in strikes where strike.function == function && strike.invocation == invocation {
            if strike.delayMilliseconds == 0 {
                kill()
            } else {
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(strike.delayMilliseconds)) {
                    kill()
                }
            }
        }
    }
}
