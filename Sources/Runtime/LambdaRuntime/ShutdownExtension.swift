import Wire

/// An internal extension that asks for no events.
///
/// Lambda sends SIGTERM only where an extension is registered. One registers by name and is ready once it has asked for
/// its first event; the connection on which it waits for that event, for ever, stays open with this object.
final class ShutdownExtension {
    private static let name = "fincore-shutdown"

    private let connection: RuntimeConnection

    /// Registers, and asks for the event that never comes.
    init(_ address: RuntimeAPIAddress) throws(ConnectionError) {
        connection = RuntimeConnection(host: address.host, isInterruptible: false)
        let body = Bytes(utf8: "{\"events\":[]}")
        let register = RequestHead(
            path: "\(address.extensionPath)/register", host: address.host,
            fields: [
                "Content-Type: \(RuntimeAPI.ContentType.json)", "\(RuntimeAPI.Header.extensionName): \(Self.name)",
            ])
        var response = Response()
        try connection.exchange(register.post("", "", bodyBytes: body.count), body, &response)
        guard response.status == 200, let identifier = response.metadata.extensionIdentifier else {
            throw .malformed("registering an extension was answered with status \(response.status)")
        }
        let field = "\(RuntimeAPI.Header.extensionIdentifier): \(identifier)"
        try connection.send(
            RequestHead.get("\(address.extensionPath)/event/next", host: address.host, fields: [field]))
    }
}
