import PostgresClient
import Testing

@Suite("Parameters from a secret")
struct PostgresParametersTests {
    private func parse(_ secret: String, rootCertificateFile: String? = nil) throws(PostgresError) -> PostgresParameters
    {
        try PostgresParameters(secret: secret, applicationName: "test", rootCertificateFile: rootCertificateFile)
    }

    @Test("the RDS form")
    func form() throws {
        let parameters = try parse(
            #"{"engine":"postgres","host":"db.example","port":6432,"username":"app","password":"p'\\w","dbname":"paymentdb","dbInstanceIdentifier":"x"}"#
        )
        #expect(parameters.host == "db.example")
        #expect(parameters.port == 6432)
        #expect(parameters.username == "app")
        #expect(parameters.password == #"p'\w"#)
        #expect(parameters.database == "paymentdb")
        #expect(parameters.sslMode == .require)
    }

    @Test("a port as text, and the default port")
    func ports() throws {
        #expect(
            try parse(#"{"host":"h","port":"6432","username":"u","password":"p","dbname":"d"}"#).port == 6432)
        #expect(try parse(#"{"host":"h","username":"u","password":"p","dbname":"d"}"#).port == 5432)
    }

    @Test("TLS is insisted on except on this machine; a root certificate means full verification")
    func encryption() throws {
        func secret(_ host: String, _ more: String = "") -> String {
            #"{"host":"\#(host)","username":"u","password":"p","dbname":"d"\#(more)}"#
        }
        #expect(try parse(secret("db.example")).sslMode == .require)
        #expect(try parse(secret("127.0.0.1")).sslMode == .prefer)
        #expect(try parse(secret("/run/postgresql")).sslMode == .prefer)
        #expect(try parse(secret("db.example"), rootCertificateFile: "/opt/rds.pem").sslMode == .verifyFull)
        #expect(try parse(secret("db.example", #","sslmode":"verify-ca""#)).sslMode == .verifyChain)
    }

    @Test(
        "a wrong secret is named by its key, never by a value",
        arguments: [
            (#"{"host":"h","username":"u","dbname":"d","port":1}"#, "\"password\" is missing"),
            (#"{"host":7,"username":"u","password":"hunter2","dbname":"d"}"#, "\"host\" has the wrong type"),
            (#"{"host":"h","port":"hunter2","username":"u","password":"x","dbname":"d"}"#, "\"port\" cannot be read"),
            (#"{"host":"h","sslmode":"hunter2","username":"u","password":"x","dbname":"d"}"#, "\"sslmode\" cannot"),
            ("hunter2", "not JSON"),
            (#"{"engine":"mysql","host":"h","username":"u","password":"hunter2","dbname":"d"}"#, "mysql"),
        ])
    func wrong(_ secret: String, _ expected: String) {
        do throws(PostgresError) {
            _ = try parse(secret)
            Issue.record("accepted \(secret)")
        } catch {
            #expect(error.description.contains(expected))
            #expect(!error.description.contains("hunter2"))
        }
    }

    @Test("the password is not printed, not interpolated and not dumped")
    func redaction() throws {
        let parameters = PostgresParameters(host: "h", database: "d", username: "u", password: "hunter2")
        var dumped = ""
        dump(parameters, to: &dumped)
        for text in ["\(parameters)", String(reflecting: parameters), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("u@h:5432/d"))
        }
    }
}
