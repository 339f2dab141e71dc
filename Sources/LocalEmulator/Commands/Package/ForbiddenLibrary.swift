import Foundation

/// A library that has no business in a function: it comes in by accident, and costs start time and size.
struct ForbiddenLibrary {
    let name: String
    /// How the names of its shared libraries begin.
    private let files: [String]
    /// A text that is in it, also when it is linked statically, and in nothing else; `nil` when none is known.
    private let marker: String?
    let remedy: String

    static let all = [
        ForbiddenLibrary(
            name: "ICU",
            files: ["libicu", "lib_FoundationICU", "libFoundation.so", "libFoundationInternationalization"],
            // Part of the name of its data, which everything that uses ICU looks up.
            marker: "icudt",
            remedy: "import FoundationEssentials instead of Foundation everywhere in the function and what it uses"),
        ForbiddenLibrary(
            name: "shared libcurl", files: ["libcurl"], marker: nil, remedy: "link the one of .build/native statically"),
        ForbiddenLibrary(
            name: "shared libpq", files: ["libpq"], marker: nil, remedy: "link the one of .build/native statically"),
        ForbiddenLibrary(
            name: "GnuTLS", files: ["libgnutls"], marker: "GNUTLS_SYSTEM_PRIORITY_FILE", remedy: ownCurl),
        ForbiddenLibrary(
            name: "Kerberos", files: ["libkrb5", "libgssapi_krb5", "libk5crypto"], marker: "KRB5_CONFIG",
            remedy: ownCurl),
        ForbiddenLibrary(name: "OpenLDAP", files: ["libldap", "liblber"], marker: "LDAPNOINIT", remedy: ownCurl),
        ForbiddenLibrary(name: "librtmp", files: ["librtmp"], marker: "Valid RTMP options are:", remedy: ownCurl),
        ForbiddenLibrary(name: "nghttp2", files: ["libnghttp2"], marker: nil, remedy: ownCurl),
    ]

    private static let ownCurl =
        "build against .build/native (scripts/build-native-libraries), not the system's libcurl"

    /// The library a shared library's file belongs to.
    static func of(file: String) -> ForbiddenLibrary? {
        all.first { library in library.files.contains { file.hasPrefix($0) } }
    }

    /// The libraries that are linked into a program.
    static func within(_ program: Data) -> [ForbiddenLibrary] {
        all.filter { library in library.marker.map { program.range(of: Data($0.utf8)) != nil } ?? false }
    }
}
