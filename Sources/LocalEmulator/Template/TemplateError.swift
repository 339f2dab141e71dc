/// What is wrong with a template, and where.
public struct TemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The place in the template: `Resources.Worker.Properties.Timeout`.
    public let path: String
    /// What is wrong there.
    public let reason: String

    /// An error made of its parts.
    public init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    public var description: String { "template: \(path): \(reason)" }
}
