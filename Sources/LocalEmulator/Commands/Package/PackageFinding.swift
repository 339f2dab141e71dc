/// One reason why a package must not be deployed.
struct PackageFinding: Equatable {
    /// The file in the package; `nil` when it is about the whole.
    let file: String?
    let problem: String
    let remedy: String

    init(_ file: String?, _ problem: String, remedy: String) {
        (self.file, self.problem, self.remedy) = (file, problem, remedy)
    }

    /// The finding in one line, with the package's path in front.
    func line(zip: String) -> String { "\(zip): \(file.map { $0 + " " } ?? "")\(problem); \(remedy)" }
}
