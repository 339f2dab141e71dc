import LocalEmulator

/// Shows what goes wrong in a running stack, and keeps every function's output in its log.
struct StackReporter: Sendable {
    let console: Console
    let directory: RunDirectory
    let isVerbose: Bool

    func report(_ event: StackEvent) {
        switch event {
        case .function(let event): report(event)
        case .source(let event): report(event)
        }
    }

    private func report(_ event: FunctionEvent) {
        switch event {
        case .started(let function, let processID):
            if isVerbose { console.progress("\(function) started (pid \(processID))") }
        case .initFailed(let function, let message, let lines):
            warn("\(function) could not start: \(message)", lines)
        case .crashed(let function, let exit, let requestID, let lines):
            let work = requestID.map { "working on \($0)" } ?? "idle"
            warn("\(function) ended while \(work) (\(exit)); a new one is started when needed", lines)
        case .invoked(let function, let result):
            if let message = result.errorMessage {
                console.progress(console.styled("\(function) failed: \(message)", .warning))
            } else if isVerbose {
                console.progress("\(function) answered in \(result.durationMilliseconds) ms")
            }
        case .line(let function, let text):
            directory.log(function, text)
            if isVerbose { console.progress("\(function): \(text)") }
        }
    }

    private func report(_ event: EventSourceEvent) {
        switch event {
        case .batchFailed(let function, let source, let records, let reason):
            if isVerbose {
                console.progress("\(source) → \(function): \(records) record(s) will come again: \(reason)")
            }
        case .recordsDiscarded(let function, let source, let records, let condition):
            warn("\(source) → \(function): \(records) record(s) given up (\(condition))", [])
        case .orderViolated(let function, let source, let group):
            warn("\(source) → \(function): FIFO order violation in group \(group)", [])
        }
    }

    private func warn(_ line: String, _ details: [String]) {
        console.progress(console.styled(line, .warning))
        for detail in details.suffix(5) { console.progress("    " + detail) }
    }
}
