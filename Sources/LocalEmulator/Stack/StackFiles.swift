import Foundation

/// Files and values a stack is made from.
enum StackFiles {
    static func read(_ path: String) throws(StackError) -> Data {
        do { return try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
            throw .unreadableFile(path, reason: error.localizedDescription)
        }
    }

    /// The function's executable: `bootstrap` where the template says, or else the product of its name.
    static func bootstrap(of function: FunctionDefinition, _ options: LocalStack.Options) -> String {
        let template = URL(fileURLWithPath: options.templateFile).deletingLastPathComponent()
        let packaged = template.appendingPathComponent(function.codeURI).appendingPathComponent("bootstrap").path
        if FileManager.default.isExecutableFile(atPath: packaged) { return packaged }
        return options.binariesDirectory + "/" + function.name
    }

    /// How the functions find AWS: the standard variable of its SDKs.
    static func awsVariables(endpoint: String) -> [String: String] {
        ["AWS_ENDPOINT_URL": endpoint]
    }

    /// A text nobody can guess, for keys that live as long as the stack.
    static func randomText() -> String {
        (0..<24).map { _ in String("abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "0") }.joined()
    }
}
