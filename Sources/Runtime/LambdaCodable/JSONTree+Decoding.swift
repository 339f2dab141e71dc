import LambdaEvents
import Wire

extension JSONTree {
    /// The value as a type of its own, for example the event inside of an asynchronous invocation's record.
    public func decoded<Value: Decodable>(as type: Value.Type) throws(LambdaEventError) -> Value {
        do {
            return try JSONPayload.decode(type, from: Bytes(JSONPayload.encode(self)))
        } catch {
            throw LambdaEventError(expected: "\(type)", detail: DecodingFailure.describe(error))
        }
    }
}
