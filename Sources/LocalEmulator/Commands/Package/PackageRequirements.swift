import Foundation
import LocalEmulator

/// What a function's package has to be, as the template declares the function.
struct PackageRequirements {
    /// The function's name, which is also that of its product.
    let function: String
    /// Every runtime it may be deployed on: it must start on each.
    let platforms: [LambdaPlatform]
    let architecture: LambdaArchitecture
    /// The most its zip may measure, in bytes.
    let targetBytes: Int

    /// The platform that brings the oldest glibc.
    var oldestPlatform: LambdaPlatform? { platforms.min { $0.glibc < $1.glibc } }
}

/// The functions that are packaged, read from the SAM template.
struct PackagePlan {
    /// The functions of the template, in the order of their names.
    let functions: [PackageRequirements]
    private let shared: (platforms: [LambdaPlatform], architecture: LambdaArchitecture)

    /// Products that are no function of the template: examples, packaged when they are named.
    static let examples = ["Echo"]

    init(template: Data) throws(TemplateError) {
        let document: JSONValue
        do { document = try JSONValue(parsing: template) } catch {
            throw TemplateError(path: "document", reason: "not JSON: \(error)")
        }
        let globals = document["Globals"]?["Function"] ?? [:]
        let parameters = document["Parameters"] ?? [:]
        var functions: [PackageRequirements] = []
        for (name, resource) in (document["Resources"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key })
        where resource["Type"] == "AWS::Serverless::Function" {
            let path = "Resources.\(name).Properties"
            let own = resource["Properties"] ?? [:]
            let platforms = try Self.platforms(
                own["Runtime"] ?? globals["Runtime"] ?? "", parameters, path: "\(path).Runtime")
            // A managed runtime's function is none of ours to package.
            guard !platforms.isEmpty else { continue }
            functions.append(
                PackageRequirements(
                    function: name, platforms: platforms,
                    architecture: try Self.architecture(
                        own["Architectures"] ?? globals["Architectures"], path: "\(path).Architectures"),
                    targetBytes: PackageTarget.function))
        }
        self.functions = functions
        shared = (
            try Self.platforms(globals["Runtime"] ?? "", parameters, path: "Globals.Function.Runtime"),
            try Self.architecture(globals["Architectures"], path: "Globals.Function.Architectures")
        )
    }

    /// What the function or example of that name has to be; `nil` when there is none.
    func requirements(for name: String) -> PackageRequirements? {
        if let function = functions.first(where: { $0.function == name }) { return function }
        guard Self.examples.contains(name) else { return nil }
        return PackageRequirements(
            function: name, platforms: shared.platforms.isEmpty ? LambdaPlatform.all : shared.platforms,
            architecture: shared.architecture, targetBytes: PackageTarget.example)
    }

    /// What a zip has to be that is no function of this template: what every function has in common.
    func requirements(forForeign name: String) -> PackageRequirements {
        PackageRequirements(
            function: name, platforms: shared.platforms.isEmpty ? LambdaPlatform.all : shared.platforms,
            architecture: shared.architecture, targetBytes: PackageTarget.function)
    }

    /// The `provided` runtimes a value can stand for; a parameter stands for every value it allows.
    private static func platforms(_ runtime: JSONValue, _ parameters: JSONValue, path: String) throws(TemplateError)
        -> [LambdaPlatform]
    {
        let names: [String]
        if let parameter = runtime["Ref"]?.stringValue {
            let definition = parameters[parameter]
            names = ([definition?["Default"]] + (definition?["AllowedValues"]?.arrayValue ?? []))
                .compactMap { $0?.stringValue }
        } else {
            names = [runtime.stringValue ?? ""]
        }
        var platforms: [LambdaPlatform] = []
        for name in names where name.hasPrefix("provided") {
            guard let platform = LambdaPlatform.all.first(where: { $0.name == name }) else {
                let known = LambdaPlatform.all.map(\.name).joined(separator: ", ")
                throw TemplateError(path: path, reason: "the glibc of \(name) is not known here, only that of \(known)")
            }
            if !platforms.contains(platform) { platforms.append(platform) }
        }
        return platforms
    }

    /// Lambda's default is x86_64.
    private static func architecture(_ value: JSONValue?, path: String) throws(TemplateError) -> LambdaArchitecture {
        guard let value else { return .amd64 }
        guard value.arrayValue?.count == 1, let name = value[0]?.stringValue,
            let architecture = LambdaArchitecture(rawValue: name)
        else { throw TemplateError(path: path, reason: "\(value.text) is neither [\"x86_64\"] nor [\"arm64\"]") }
        return architecture
    }
}
