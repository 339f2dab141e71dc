import Foundation

/// The account a server runs under: the user's own, or, for root, an unprivileged one.
///
/// PostgreSQL refuses to run as root, and no server of a local stack has any business being root.
struct ServerAccount: Sendable, Equatable {
    let name: String
    let userID: uid_t
    let groupID: gid_t
    /// Whether a program has to change to the account.
    let isOther: Bool

    /// The account for a server.
    ///
    /// - Parameter preferred: for root, the accounts to try, best first; the first that exists is taken.
    static func forServer(_ server: String, preferring preferred: [String]) throws(LocalServerError) -> ServerAccount {
        let effective = geteuid()
        guard effective == 0 else {
            guard let entry = getpwuid(effective) else {
                throw .preparationFailed(
                    server: server, program: "getpwuid", reason: "user \(effective) has no account", lastLines: [])
            }
            return ServerAccount(entry.pointee, isOther: false)
        }
        for name in preferred {
            if let entry = getpwnam(name) { return ServerAccount(entry.pointee, isOther: true) }
        }
        throw .preparationFailed(
            server: server, program: "getpwnam",
            reason: "it must not run as root, and none of the accounts \(preferred.joined(separator: ", ")) exists",
            lastLines: [])
    }

    private init(_ entry: passwd, isOther: Bool) {
        name = String(cString: entry.pw_name)
        userID = entry.pw_uid
        groupID = entry.pw_gid
        self.isOther = isOther
    }

    /// The command that runs a program under the account and ends it with this process.
    ///
    /// `setpriv` asks the kernel to kill the program when its parent goes (PR_SET_PDEATHSIG), so that not even a
    /// SIGKILL of the emulator leaves a server behind. It sets the signal after it has changed the account; the
    /// kernel forgets a signal set before.
    func command(
        _ program: String, _ arguments: [String], server: String
    ) throws(LocalServerError) -> (program: String, arguments: [String]) {
        let setpriv = try ServerPrograms.find("setpriv", server: server, package: "util-linux")
        var options = ["--pdeathsig", "KILL", "--no-new-privs"]
        if isOther { options += ["--reuid", "\(userID)", "--regid", "\(groupID)", "--clear-groups"] }
        return (setpriv, options + ["--", program] + arguments)
    }

    /// Makes a directory that belongs to the account alone.
    func makeDirectory(_ path: String, server: String) throws(LocalServerError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        } catch {
            throw .directoryUnusable(server: server, path: path, reason: Self.reason(error))
        }
        try own(path, server: server)
        try requireReachable(path, server: server)
    }

    /// Gives a file or directory to the account.
    func own(_ path: String, server: String) throws(LocalServerError) {
        guard isOther else { return }
        guard chown(path, userID, groupID) == 0 else {
            throw .directoryUnusable(
                server: server, path: path,
                reason: "it cannot be given to \(name): \(String(cString: strerror(errno)))")
        }
    }

    /// Writes a file only the account can read.
    func write(_ text: String, to path: String, server: String) throws(LocalServerError) {
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: path, contents: Data(text.utf8), attributes: attributes) else {
            throw .directoryUnusable(server: server, path: path, reason: "it cannot be written")
        }
        try own(path, server: server)
    }

    /// Checks that the account may pass every directory above a path, which a home directory often forbids.
    func requireReachable(_ path: String, server: String) throws(LocalServerError) {
        guard isOther else { return }
        var directory = URL(fileURLWithPath: path).standardizedFileURL.deletingLastPathComponent().path
        while true {
            var status = stat()
            let isPassable = stat(directory, &status) == 0 && isSearchable(status)
            guard isPassable else {
                throw .directoryUnusable(
                    server: server, path: path,
                    reason: "the account \(name), under which the server runs instead of root, may not enter "
                        + "\(directory); choose a data directory it can reach")
            }
            if directory == "/" { return }
            directory = URL(fileURLWithPath: directory).deletingLastPathComponent().path
        }
    }

    private func isSearchable(_ status: stat) -> Bool {
        if status.st_uid == userID { return status.st_mode & 0o100 != 0 }
        if status.st_gid == groupID { return status.st_mode & 0o010 != 0 }
        return status.st_mode & 0o001 != 0
    }

    /// What the system said, without Foundation's wrapping.
    static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        return (underlying ?? error as NSError).localizedDescription
    }
}
