/// The error types that a runtime reports in `Lambda-Runtime-Function-Error-Type`.
enum FunctionErrorType {
    /// What the platform records of a reported type (RIE `fatalerror/fatalerror.go`): a name of the form
    /// `Function.Reason` or `Runtime.Reason` as it is, anything else as unknown.
    ///
    /// The caller is not told this one but what the error document says.
    static func recorded(_ reported: String?) -> String {
        let reported = reported ?? ""
        if reported.contains(/(Runtime|Function)\.[A-Z][a-zA-Z]+/) { return reported }
        return reported.hasPrefix("Function.") ? "Function.Unknown" : "Runtime.Unknown"
    }
}
