import PrivataCompliance
import PrivataCore
import PrivataKeyService
import PrivataTesting
import Testing

@Suite struct TransitKeyServiceTests {
  private func service(
    _ server: TransitServer, token: String? = nil, key: String = "clinic",
    timeout: Duration = .seconds(5)
  ) throws -> TransitKeyService {
    try TransitKeyService(
      url: server.url, key: key, token: token ?? server.token, timeout: timeout)
  }

  private let secret: [UInt8] = Array(1...32)
  private let place = Array("place".utf8)

  @Test func unwrapsWhatItWrapped() async throws {
    let server = try TransitServer()
    defer { server.stop() }
    let service = try service(server)
    let wrapped = try await service.wrap(secret, context: place)
    #expect(wrapped.rootID == "clinic/v1")
    #expect(try await service.unwrap(wrapped, context: place) == secret)
    server.rotate()
    let second = try await service.wrap(secret, context: place)
    #expect(second.rootID == "clinic/v2")
    #expect(try await service.unwrap(wrapped, context: place) == secret)
    #expect(try await service.unwrap(second, context: place) == secret)
  }

  @Test func anotherPlaceOrChangedBytesAreRefused() async throws {
    let server = try TransitServer()
    defer { server.stop() }
    let service = try service(server)
    let wrapped = try await service.wrap(secret, context: place)
    var changed = wrapped
    changed.bytes[12] = changed.bytes[12] == 65 ? 66 : 65
    var noText = wrapped
    noText.bytes = [1, 2, 3]
    var foreign = wrapped
    foreign.rootID = "other/v1"
    for (given, context, code) in [
      (wrapped, Array("elsewhere".utf8), PrivataError.Code.tampered), (changed, place, .tampered),
      (noText, place, .tampered), (foreign, place, .unknownKey),
    ] {
      let error = await #expect(throws: PrivataError.self) {
        _ = try await service.unwrap(given, context: context)
      }
      #expect(error?.code == code)
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let fault: TransitServer.Fault
    let code: PrivataError.Code
    let isRetriable: Bool
  }

  static let faults = [
    Case(testDescription: "down", fault: .down, code: .keyUnavailable, isRetriable: true),
    Case(testDescription: "slow", fault: .slow, code: .keyUnavailable, isRetriable: true),
    Case(testDescription: "refused", fault: .refused, code: .keyUnavailable, isRetriable: false),
    Case(testDescription: "no JSON", fault: .notJSON, code: .keyUnavailable, isRetriable: false),
    Case(testDescription: "no key", fault: .empty, code: .keyUnavailable, isRetriable: false),
    Case(testDescription: "404", fault: .status(404), code: .unknownKey, isRetriable: false),
    Case(testDescription: "429", fault: .status(429), code: .keyUnavailable, isRetriable: true),
    Case(testDescription: "503", fault: .status(503), code: .keyUnavailable, isRetriable: true),
    Case(testDescription: "302", fault: .status(304), code: .keyUnavailable, isRetriable: false),
  ]

  @Test(arguments: faults) func aFaultIsNamed(_ row: Case) async throws {
    let server = try TransitServer()
    defer { server.stop() }
    let service = try service(server, timeout: .seconds(1))
    let wrapped = try await service.wrap(secret, context: place)
    server.fail(row.fault)
    let error = await #expect(throws: PrivataError.self) {
      _ = try await service.unwrap(wrapped, context: place)
    }
    #expect(error?.code == row.code)
    #expect(error?.isRetriable == row.isRetriable)
    #expect(error?.description.contains(server.token) == false)
    let second = await #expect(throws: PrivataError.self) {
      _ = try await service.wrap(secret, context: place)
    }
    #expect(second?.code == row.code)
    server.fail(.none)
    #expect(try await service.unwrap(wrapped, context: place) == secret)
  }

  @Test func aWrongTokenOrKeyIsNamed() async throws {
    let server = try TransitServer()
    defer { server.stop() }
    let wrong = await #expect(throws: PrivataError.self) {
      _ = try await service(server, token: "other").wrap(secret, context: place)
    }
    #expect(wrong?.code == .keyUnavailable)
    let unknown = await #expect(throws: PrivataError.self) {
      _ = try await service(server, key: "nobody").wrap(secret, context: place)
    }
    #expect(unknown?.code == .unknownKey)
  }

  @Test(arguments: [
    ("keys.example.org", "k", "transit"), ("http://keys.example.org", "k", "transit"),
    ("ftp://localhost", "k", "transit"), ("https://h", "", "transit"),
    ("https://h", "a/b", "transit"),
    ("https://h", "k", "tran sit"),
  ])
  func whatIsNoServiceIsRefused(_ url: String, _ key: String, _ mount: String) {
    #expect(throws: PrivataError.self) {
      _ = try TransitKeyService(url: url, key: key, token: "t", mount: mount)
    }
  }

  /// A vault whose root key is there: asked at the start and never for a record, rotated while it
  /// serves.
  @Test func aVaultRunsOnIt() async throws {
    let server = try TransitServer()
    defer { server.stop() }
    let places = SealedClinic.Places.memory()
    let service = try service(server)
    let clinic = try await SealedClinic(places) { $0.masterKey = .service(service) }
    let before = server.calls("decrypt") + server.calls("encrypt")
    #expect(before <= 12)
    for _ in 0..<20 {
      #expect(
        try await clinic.find(clinic.patient, .document(["email": "bob@example.org"])).count == 1)
    }
    #expect(server.calls("decrypt") + server.calls("encrypt") == before)
    server.rotate()
    let rotation = try await #require(clinic.vault.encryption).rotate(.root)
    #expect(rotation.rewrapped > 0)
    let status = try await #require(clinic.vault.encryption).status()
    #expect(status.epochs.allSatisfy { $0.rootID == "clinic/v2" })
    let vault = try await places.vault { $0.masterKey = .service(service) }
    try await vault.store.prepare([SealedClinic.patient])
    let rows = try await vault.store.rows(for: Query(SealedClinic.patient)).documents
    #expect(Set(rows.compactMap { $0["name"]?.asString }) == ["Ada Canary", "Bob Canary"])
    server.fail(.down)
    let error = await #expect(throws: PrivataError.self) {
      _ = try await places.vault { $0.masterKey = .service(service) }
    }
    #expect(error?.code == .keyUnavailable)
  }
}
