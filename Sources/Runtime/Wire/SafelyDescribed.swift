/// An error whose description may stand in logs and in reports to Lambda: it never holds payloads or secrets.
///
/// The descriptions of other errors quote what they are about, as `DecodingError` quotes the value it could not read,
/// so the runtime tells only their types. An error of a function's own says more by `LambdaReportableError`.
public protocol SafelyDescribed: Error {
    /// What went wrong, without values from outside.
    var safeDescription: String { get }
}

extension SafelyDescribed where Self: CustomStringConvertible {
    /// The whole description.
    public var safeDescription: String { description }
}
