import Foundation

/// Why a file is no ELF file that could be loaded.
struct ELFError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// What the kernel and the loader read of a program or shared library (ELF-64, little endian).
///
/// What a program needs and may do is read from segments, as the loader does it: sections may have been stripped or may
/// tell lies.
struct ELFFile {
    /// Symbol versions that are needed from one library.
    struct VersionNeed: Equatable {
        let library: String
        let versions: [String]
    }

    /// The instruction set (`e_machine`).
    let machine: UInt16
    /// Whether it was linked as a program, at a fixed place or to be loaded anywhere; a library was not.
    let isProgram: Bool
    /// Whether it begins (`e_entry`) in its own code.
    let hasEntryPoint: Bool
    /// The loader the kernel starts it with; `nil` for a static program and for a library.
    let interpreter: String?
    /// The libraries it asks for.
    let needed: [String]
    /// Where the loader looks for them before it looks anywhere else, also before `LD_LIBRARY_PATH` (`DT_RPATH`).
    let searchPaths: [String]
    let versionNeeds: [VersionNeed]
    /// Whether memory of it is writable and executable at once, or the stack is executable.
    let hasWritableCode: Bool
    /// Whether constants (`.rodata`) stay writable while the program runs, as far as the linker tells where they are.
    let hasWritableConstants: Bool

    /// Nothing is left to be linked at run time.
    var isStatic: Bool { interpreter == nil && needed.isEmpty }

    /// The newest glibc it needs; `nil` when it needs none.
    var newestGlibc: GlibcVersion? {
        versionNeeds.flatMap(\.versions).compactMap(GlibcVersion.init(symbolVersion:)).max()
    }

    /// Whether it uses symbols that glibc keeps to itself.
    var needsPrivateGlibc: Bool { versionNeeds.contains { $0.versions.contains(GlibcVersion.privateSymbols) } }

    init(_ data: Data) throws(ELFError) {
        let file = BoundedBytes(data)
        guard data.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { throw ELFError("does not begin as an ELF file does") }
        guard file.number(at: 4, as: UInt8.self) == Layout.class64,
            file.number(at: 5, as: UInt8.self) == Layout.littleEndian
        else { throw ELFError("is not a 64-bit little-endian ELF file") }
        guard let type = file.number(at: 16, as: UInt16.self), let machine = file.number(at: 18, as: UInt16.self),
            let entry = file.number(at: 24, as: UInt64.self)
        else { throw ELFError.truncated }
        let segments = try ELFSegment.all(in: file)
        let dynamic = try ELFDynamicSection(file, segments)
        self.machine = machine
        // A program that can be loaded anywhere is of a library's type.
        let isMovableProgram =
            dynamic.isPositionIndependentProgram || segments.contains { $0.type == ELFSegment.interpreter }
        isProgram = type == Layout.executable || type == Layout.sharedObject && isMovableProgram
        hasEntryPoint = entry != 0 && segments.contains { $0.isCode(at: entry) }
        interpreter = try segments.first { $0.type == ELFSegment.interpreter }.map { segment throws(ELFError) in
            guard let text = file.text(at: segment.offset, before: segment.end) else { throw ELFError.truncated }
            return text
        }
        needed = dynamic.needed
        searchPaths = dynamic.searchPaths
        versionNeeds = dynamic.versionNeeds
        hasWritableCode = segments.contains(where: \.isWritableCode)
        hasWritableConstants = try ELFSection.all(in: file).contains { section in
            section.name == Self.constants && section.isWritable
        }
    }

    private static let constants = ".rodata"

    private enum Layout {
        static let class64: UInt8 = 2
        static let littleEndian: UInt8 = 1
        static let executable: UInt16 = 2
        static let sharedObject: UInt16 = 3
    }
}

extension ELFError {
    static let truncated = ELFError("is cut off or damaged: it points behind its own end")
}
