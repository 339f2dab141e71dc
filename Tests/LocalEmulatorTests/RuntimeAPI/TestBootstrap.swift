import Foundation
import LocalEmulator

/// A custom runtime in another language: a Python program over the standard library, made for one test.
///
/// The body of `handler(event, context)` decides what the function does: its result is posted as the response, unless it
/// is `ANSWERED`. `context` has `request_id`, `headers` and `call`.
struct TestBootstrap {
    let path: String
    private let directory: URL

    init(_ handler: String, beforeFirstNext: String = "pass") throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("bootstrap-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let program = """
            #!/usr/bin/env python3
            import http.client, json, os, signal, sys, time
            host = os.environ["AWS_LAMBDA_RUNTIME_API"]
            connection = http.client.HTTPConnection(host)
            ANSWERED = object()
            class Context: pass
            def call(method, path, body=None, headers={}):
                connection.request(method, "/2018-06-01/runtime/" + path, body, headers)
                response = connection.getresponse()
                return response.status, dict(response.getheaders()), response.read()
            def handler(event, context):
            \(Self.indented(handler))
            \(beforeFirstNext)
            while True:
                status, headers, body = call("GET", "invocation/next")
                context = Context()
                context.headers = {name.lower(): value for name, value in headers.items()}
                context.request_id = context.headers["lambda-runtime-aws-request-id"]
                context.call = call
                result = handler(json.loads(body), context)
                if result is not ANSWERED:
                    call("POST", "invocation/" + context.request_id + "/response", json.dumps(result))
            """
        let file = directory.appendingPathComponent("program")
        try Data(program.utf8).write(to: file)
        path = directory.appendingPathComponent("bootstrap").path
        // A file this process has written cannot be executed while a child started meanwhile still has its descriptor
        // (ETXTBSY), so another program writes it.
        let copy = try ChildProcess(
            executable: "/usr/bin/install", arguments: ["-m", "755", file.path, path], environment: [:])
        guard copy.waitForExit(timeoutMilliseconds: 20_000) == .exited(status: 0) else {
            throw CocoaError(.fileWriteUnknown)
        }
    }

    func remove() {
        try? FileManager.default.removeItem(at: directory)
    }

    private static func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }.joined(separator: "\n")
    }
}
