import Domain
import FoundationEssentials
import FunctionsShared

/// Finds the merchant behind a request.
enum Authentication {
    /// Longer than any key we give out.
    private static let maximumKeyLength = 200

    /// - Throws: 401 without a key or with one that is not active.
    static func merchant(of call: APICall, keys: any APIKeys) async throws(APIError) -> MerchantID {
        guard let header = call.event.header("Authorization") else {
            throw refusal("api_key_missing", "Send your API key in the header 'Authorization: Bearer …'.")
        }
        let parts = header.split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer", parts[1].utf8.count <= maximumKeyLength else {
            throw refusal("api_key_invalid", "The header must have the form 'Authorization: Bearer …'.")
        }
        let merchantID: MerchantID?
        do {
            merchantID = try await keys.merchant(forKey: String(parts[1]))
        } catch {
            call.logger.error("API keys cannot be read", ["detail": .string(error.detail)])
            throw .unavailable()
        }
        guard let merchantID else { throw refusal("api_key_invalid", "The API key is unknown or no longer active.") }
        return merchantID
    }

    private static func refusal(_ code: String, _ message: String) -> APIError {
        APIError(
            status: 401, kind: .authentication, code: code, message: message,
            headers: ["WWW-Authenticate": "Bearer"])
    }
}
