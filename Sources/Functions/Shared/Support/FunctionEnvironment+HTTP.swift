import HTTPClient
import LambdaRuntime

#if canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension FunctionEnvironment {
    /// For outbound requests, on the function's event loop.
    public var http: HTTPClient { HTTPClient(loop: loop, certificateAuthorityFile: certificateAuthorityFile) }

    /// The roots to trust: `CA_FILE`, else the bundle that is packaged beside the bootstrap, else libcurl's own.
    ///
    /// A bundle with the few roots that the function needs is read in a millisecond; a system's whole store takes
    /// twenty (docs/benchmarks.md).
    var certificateAuthorityFile: String? {
        if let file = optional("CA_FILE") { return file }
        guard let root = optional("LAMBDA_TASK_ROOT") else { return nil }
        let packaged = "\(root)/ca.pem"
        return access(packaged, R_OK) == 0 ? packaged : nil
    }
}
