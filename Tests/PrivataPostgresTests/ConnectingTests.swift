import PrivataCore
import Testing

@testable import PrivataPostgres

@Suite struct ConnectingTests {
  @Test func wrongPasswordIsNamedAndNotShown() async throws {
    let url = try TestServer.environment("PRIVATA_POSTGRES_PASSWORD_URL")
    _ = try await PostgresStore(url)
    let wrong = url.replacing("right-password", with: "hunter2-wrong")
    let error = try await failure { () async throws(PrivataError) in
      try await PostgresStore(wrong)
    }
    #expect(error.code == .authentication)
    #expect(!error.message.contains("hunter2"))
    #expect(error.message.contains("127.0.0.1:"))
  }

  @Test func closedPortIsNamed() async throws {
    let error = try await failure { () async throws(PrivataError) in
      try await PostgresStore("postgres://someone:secret@127.0.0.1:1/clinic")
    }
    #expect(error.code == .connection)
    #expect(error.message == "cannot connect to 127.0.0.1:1/clinic: nothing answers there")
  }

  @Test func unknownHostIsNamed() async throws {
    let error = try await failure { () async throws(PrivataError) in
      try await PostgresStore("postgres://someone:secret@nowhere.invalid/clinic?connect_timeout=2")
    }
    #expect(error.code == .connection)
    #expect(error.message.contains("nowhere.invalid:5432/clinic"))
    #expect(!error.message.contains("secret"))
  }

  @Test func unknownDatabaseIsNamed() async throws {
    let url = try TestServer.url + "_that_is_not_there"
    let error = try await failure { () async throws(PrivataError) in try await PostgresStore(url) }
    #expect(error.code == .connection)
    #expect(error.message.contains("no such database"))
  }

  @Test func connectsOverAUnixSocket() async throws {
    let url = try TestServer.environment("PRIVATA_POSTGRES_SOCKET_URL")
    let store = try await PostgresStore(url)
    #expect(try await store.query("SELECT inet_client_addr() IS NULL") == [[.bool(true)]])
    await store.close()
  }

  @Test func verifiesTheServersCertificate() async throws {
    let url = try TestServer.environment("PRIVATA_POSTGRES_TLS_URL")
    let trusted = try TestServer.environment("PRIVATA_TLS_CA")
    let other = try TestServer.environment("PRIVATA_TLS_OTHER_CA")
    let store = try await PostgresStore("\(url)?sslmode=verify-full&sslrootcert=\(trusted)")
    let ssl = try await store.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    #expect(ssl == [[.bool(true)]])
    let text = String(repeating: "long ", count: 200_000)
    #expect(try await store.query("SELECT $1::text", .string(text)) == [[.string(text)]])
    await store.close()
    let error = try await failure { () async throws(PrivataError) in
      try await PostgresStore("\(url)?sslmode=verify-full&sslrootcert=\(other)")
    }
    #expect(error.code == .connection)
    #expect(error.message.contains("TLS"))
    let refused = try await failure { () async throws(PrivataError) in
      try await PostgresStore("\(url)?sslmode=disable")
    }
    #expect(refused.code == .authentication)
  }

  @Test func aClosedStoreSaysSo() async throws {
    let store = try await PostgresStore(TestServer.url)
    await store.close()
    let error = try await failure { () async throws(PrivataError) in
      try await store.query("SELECT 1")
    }
    #expect(error.code == .closed)
  }
}

@Suite struct PostgresURLTests {
  @Test(arguments: [
    ("postgres://u:p@h.example:6543/d", "h.example:6543/d"),
    ("postgresql://u@/d?host=/run/postgresql", "/run/postgresql:5432/d"),
    ("postgres://u:p%40ss@h/d?sslmode=require", "h:5432/d"),
    ("postgres://u@h1:1,h2:2/d", "h1,h2:1,2/d"),
    ("postgres://u@h", "h:5432/u"),
  ])
  func namesThePlaceWithoutCredentials(_ url: String, _ place: String) throws {
    var options = PostgresOptions()
    #expect(try PostgresURL(url, options: &options).place == place)
  }

  @Test func takesItsOwnWords() throws {
    var options = PostgresOptions()
    let url = try PostgresURL(
      "postgres://u@h/d?schema=clinic&connection_limit=3&pool_timeout=7&sslmode=disable",
      options: &options)
    #expect(options.schema == "clinic")
    #expect(options.connections == 3)
    #expect(options.poolTimeout == 7000)
    #expect(url["sslmode"] == "disable")
  }

  @Test(arguments: [
    "mysql://u:topsecret@h/d", "postgres://u:topsecret@h:port/d?nonsense=1",
    "postgres://u:topsecret@h/d?connection_limit=many",
  ])
  func badOnesAreRefusedWithoutBeingShown(_ url: String) throws {
    var options = PostgresOptions()
    let error = #expect(throws: PrivataError.self) { try PostgresURL(url, options: &options) }
    #expect(error?.code == .badURL)
    #expect(error?.message.contains("topsecret") == false)
  }
}
