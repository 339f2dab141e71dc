import Foundation

/// Why a call of the Extensions API is turned away, always with 403 (RIE `rapi/handler/constants.go`).
enum ExtensionRefusal: Error, Equatable {
    case emptyName
    case malformedRequest(String)
    case eventNotSupported(String)
    case registrationClosed
    case tooMany
    case nameTaken
    case missingIdentifier
    case invalidIdentifier
    case unknown(UUID)
    case unknownReporter
    case missingErrorType
    case transition(TransitionRefused, UUID)

    /// The header that tells an extension by name.
    static let nameHeader = "Lambda-Extension-Name"
    /// The header that tells a registered extension.
    static let identifierHeader = "Lambda-Extension-Identifier"
    /// The header with the type of a reported error.
    static let errorTypeHeader = "Lambda-Extension-Function-Error-Type"

    /// The answer to the extension.
    var answer: HTTPServerResponse {
        let (type, message) = document
        return RuntimeAPIAnswer.error(403, type, message)
    }

    private var document: (type: String, message: String) {
        switch self {
        case .emptyName: ("Extension.InvalidExtensionName", "Empty extension name")
        case .malformedRequest(let reason): ("InvalidRequestFormat", reason)
        // Only external extensions are told of the end.
        case .eventNotSupported("SHUTDOWN"):
            ("Extension.InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension")
        case .eventNotSupported(let event): ("Extension.InvalidEventType", "\(event): ErrorInvalidEventType")
        case .registrationClosed: ("Extension.RegistrationClosed", "Extension registration closed already")
        case .tooMany: ("Extension.TooManyExtensions", "Extension limit (\(RuntimeLimits.extensions)) reached")
        case .nameTaken: ("Extension.InvalidExtensionState", "Extension with this name already registered")
        case .missingIdentifier:
            ("Extension.MissingExtensionIdentifier", "Missing \(Self.identifierHeader) header")
        case .invalidIdentifier: ("Extension.InvalidExtensionIdentifier", "Invalid \(Self.identifierHeader)")
        case .unknown(let identifier):
            ("Extension.UnknownExtensionIdentifier", "Unknown extension \(identifier.uuidString.lowercased())")
        case .unknownReporter: ("Extension.UnknownExtensionIdentifier", "Unknown \(Self.identifierHeader)")
        case .missingErrorType: ("Extension.MissingHeader", "\(Self.errorTypeHeader) not found")
        case .transition(let refusal, let identifier):
            (
                "Extension.InvalidExtensionState",
                RuntimeAPIAnswer.transitionMessage(
                    refusal, of: "extension \(identifier.uuidString.lowercased())")
            )
        }
    }
}
