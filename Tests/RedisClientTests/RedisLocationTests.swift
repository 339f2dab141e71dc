import Testing

@testable import RedisClient

@Suite("Redis URL")
struct RedisLocationTests {
    @Test("host, port and database have defaults")
    func defaults() throws {
        let location = try RedisLocation("redis://cache.example")
        #expect(location.host == "cache.example")
        #expect(location.port == 6379)
        #expect(location.database == 0)
        #expect(!location.usesTLS)
        #expect(location.username == nil && location.password == nil)
        #expect(try RedisLocation("redis://cache.example/") == location)
    }

    @Test("every part is read, percent escapes in the credentials resolved")
    func everyPart() throws {
        let location = try RedisLocation("rediss://fin%40core:p%3Aa%2Fs%25@[::1]:16380/12")
        #expect(location.usesTLS)
        #expect(location.host == "[::1]")
        #expect(location.port == 16_380)
        #expect(location.username == "fin@core")
        #expect(location.password == "p:a/s%")
        #expect(location.database == 12)
    }

    @Test("a password without user name")
    func passwordOnly() throws {
        let location = try RedisLocation("redis://:secret@127.0.0.1:1")
        #expect(location.username == nil)
        #expect(location.password == "secret")
    }

    @Test(
        "anything else is refused, and the error does not repeat the URL",
        arguments: [
            "", "hunter2", "http://hunter2@host", "redis://", "redis://:hunter2@", "redis://hunter2@host",
            "redis://:hunter2@host:0", "redis://:hunter2@host:65536", "redis://:hunter2@host:x",
            "redis://:hunter2@host/db", "redis://:hunter2@host/-1", "redis://:hunter2@[::1", "redis://:hunter2%4@h",
            "redis://:hunter2%zz@h", "redis://:hunter2%ff@h", "redis://:hunter2%+1@h", "redis://:hunter2@h?x=1",
        ])
    func refused(url: String) {
        do {
            _ = try RedisLocation(url)
            Issue.record("accepted \(url)")
        } catch {
            #expect(!String(describing: error).contains("hunter2"))
        }
    }
}
