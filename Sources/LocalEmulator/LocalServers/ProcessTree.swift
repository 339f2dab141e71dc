import Foundation

/// What the kernel tells of processes.
enum ProcessTree {
    /// Children, their children and so on, as the kernel lists them at this moment.
    static func descendants(of processID: pid_t) -> [pid_t] {
        let list = try? String(contentsOfFile: "/proc/\(processID)/task/\(processID)/children", encoding: .utf8)
        let children = (list ?? "").split(separator: " ").compactMap { pid_t($0) }
        return children.flatMap { [$0] + descendants(of: $0) }
    }

    /// Whether a process has ended and waits for its parent to take notice.
    static func isZombie(_ processID: pid_t) -> Bool {
        // "PID (name) STATE …", where the name may hold spaces and parentheses.
        let status = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
        guard let status, let end = status.lastIndex(of: ")") else { return false }
        return status[status.index(after: end)...].drop { $0 == " " }.first == "Z"
    }
}
