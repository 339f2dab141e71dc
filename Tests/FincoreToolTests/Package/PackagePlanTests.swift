import Foundation
import LocalEmulator
import Testing

@testable import fincore

@Suite("what is packaged") struct PackagePlanTests {
    private func plan(_ runtime: JSONValue, _ properties: JSONValue = [:]) throws -> PackagePlan {
        let template: JSONValue = [
            "Parameters": [
                "Runtime": [
                    "Type": "String", "Default": "provided.al2023",
                    "AllowedValues": ["provided.al2023", "provided.al2"],
                ]
            ],
            "Globals": ["Function": ["Runtime": runtime, "Architectures": ["arm64"]]],
            "Resources": [
                "B": ["Type": "AWS::Serverless::Function", "Properties": properties],
                "A": ["Type": "AWS::Serverless::Function", "Properties": ["Architectures": ["x86_64"]]],
                "Script": ["Type": "AWS::Serverless::Function", "Properties": ["Runtime": "python3.13"]],
                "Table": ["Type": "AWS::DynamoDB::Table"],
            ],
        ]
        return try PackagePlan(template: template.serialized())
    }

    @Test("every custom-runtime function of the template, and no other")
    func functions() throws {
        let plan = try plan(["Ref": "Runtime"])
        #expect(plan.functions.map(\.function) == ["A", "B"])
        #expect(plan.functions.map(\.architecture) == [.amd64, .arm64])
        #expect(plan.functions.allSatisfy { $0.targetBytes == PackageTarget.function })
        #expect(plan.requirements(for: "Script") == nil)
    }

    @Test("a parameter stands for every runtime it allows; the oldest decides")
    func runtimes() throws {
        let both = try #require(try plan(["Ref": "Runtime"]).requirements(for: "A"))
        #expect(Set(both.platforms.map(\.name)) == ["provided.al2", "provided.al2023"])
        #expect(both.oldestPlatform?.name == "provided.al2")
        let one = try #require(try plan("provided.al2023").requirements(for: "A"))
        #expect(one.oldestPlatform?.glibc == GlibcVersion(2, 34))
        let own = try #require(try plan("provided.al2023", ["Runtime": "provided.al2"]).requirements(for: "B"))
        #expect(own.oldestPlatform?.glibc == GlibcVersion(2, 26))
    }

    @Test("a runtime whose glibc is not known is refused, and so is a strange architecture")
    func unknown() {
        #expect(throws: TemplateError.self) { try plan("provided.al2035") }
        #expect(throws: TemplateError.self) { try plan("provided.al2", ["Architectures": ["mips"]]) }
        #expect(throws: TemplateError.self) { try PackagePlan(template: Data("no".utf8)) }
    }

    @Test("the example is packaged when it is named, within its own target")
    func example() throws {
        let echo = try #require(try plan(["Ref": "Runtime"]).requirements(for: "Echo"))
        #expect(echo.targetBytes == 5_500_000)
        #expect(echo.architecture == .arm64)
        #expect(echo.platforms.count == 2)
    }

    @Test(
        "a wrong call says what is wrong",
        arguments: [
            (["--check"], "--check takes the zips to check"),
            (
                ["--check", "a.zip", "--sbom"],
                "--check only checks; it goes with none of --sbom, --output and --project"
            ),
            (
                ["--check", "a.zip", "--output", "x"],
                "--check only checks; it goes with none of --sbom, --output and --project"
            ),
            (
                ["--check", "a.zip", "--project", "x"],
                "--check only checks; it goes with none of --sbom, --output and --project"
            ),
            (["--output"], "--output takes a value"),
            (["--project"], "--project takes a value"),
            (["--project", "/nonexistent"], "--project takes a folder, and /nonexistent is none"),
            (["--project", "/"], "--project takes the folder of a SwiftPM package: no Package.swift in /"),
            (["--sftp"], "--sftp goes with --project; this project's functions have what they need"),
        ])
    func usage(words: [String], message: String) {
        var arguments = Arguments(words)
        do {
            _ = try PackageCommand(&arguments)
            Issue.record("\(words) was understood")
        } catch {
            #expect(error.message == message)
        }
    }
}
