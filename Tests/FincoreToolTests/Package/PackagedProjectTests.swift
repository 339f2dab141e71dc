import Foundation
import Testing

@testable import fincore

@Suite("packages of others") struct PackagedProjectTests {
    @Test("the executable products that SwiftPM describes, sorted, and no library, plugin or test")
    func executables() throws {
        let json = """
            {"name": "Hello", "targets": [{"name": "Helper", "type": "executable"}], "products": [
              {"name": "Orders", "targets": ["Orders"], "type": {"executable": null}},
              {"name": "Model", "targets": ["Model"], "type": {"library": ["automatic"]}},
              {"name": "Hello", "targets": ["Hello"], "type": {"executable": null}},
              {"name": "Tests", "targets": ["Tests"], "type": {"test": null}},
              {"name": "Tool", "targets": ["Tool"], "type": {"plugin": null}}
            ]}
            """
        #expect(try PackagedProject.executables(describedBy: Data(json.utf8)) == ["Hello", "Orders"])
        #expect(try PackagedProject.executables(describedBy: Data("{}".utf8)).isEmpty)
        #expect(throws: UnreadableDescription.self) {
            try PackagedProject.executables(describedBy: Data("warning: no".utf8))
        }
    }

    @Test("everything of another package is inside of its folder, whichever way it was named")
    func places() throws {
        let directory = try TestDirectory(["Package.swift": ""])
        let folder = URL(fileURLWithPath: directory.path).resolvingSymlinksInPath().path
        let others = try TestDirectory()
        let link = others.path + "/link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: folder)
        for path in [folder, folder + "/", folder + "/../" + (folder as NSString).lastPathComponent, link] {
            let project = try PackagedProject(foreign: path, speaksSFTP: false)
            #expect(project.directory == folder && project.isForeign)
            #expect(project.name == (folder as NSString).lastPathComponent)
            #expect(project.output == folder + "/package")
            #expect(project.program("Hello") == folder + "/.build/package/release/Hello")
            #expect(project.linkEvidence("Hello") == folder + "/.build/package/libraries/Hello")
        }
    }

    @Test("a folder that is no package, or is this project, is refused")
    func refused() throws {
        let directory = try TestDirectory(["file": ""])
        for path in [directory.path, directory.path + "/file", directory.path + "/missing", ProjectFiles.root] {
            #expect(throws: UsageError.self) { _ = try PackagedProject(foreign: path, speaksSFTP: false) }
        }
    }
}
