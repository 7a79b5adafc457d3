import CPKCS11
import Foundation
import PrivataCompliance
import PrivataCore
import PrivataTesting
import Testing

@testable import PrivataPKCS11

/// Against a real module: SoftHSM2.
@Suite(.serialized) struct PKCS11KeyServiceTests {
  private static let secret = (0..<32).map { UInt8($0) }

  private func service(_ token: String, _ key: String = "root") throws -> PKCS11KeyService {
    _ = Tokens.folder
    return try PKCS11KeyService(module: Tokens.module, token: token, pin: "1234", key: key)
  }

  private func makeKey(_ token: String, _ key: String = "root") throws {
    _ = Tokens.folder
    try PKCS11KeyService.makeKey(key, module: Tokens.module, token: token, pin: "1234")
  }

  private func code(_ body: () async throws -> Void) async -> PrivataError.Code? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? PrivataError)?.code
    }
  }

  @Test func wrapsAndUnwraps() async throws {
    try makeKey("wrap")
    let service = try service("wrap")
    let first = try await service.wrap(Self.secret, context: [1, 2])
    let second = try await service.wrap(Self.secret, context: [1, 2])
    #expect(first.rootID == "root" && first.bytes.count == 60 && first != second)
    #expect(first.bytes.firstRange(of: Self.secret) == nil)
    #expect(try await service.unwrap(first, context: [1, 2]) == Self.secret)
    // Another process's service.
    #expect(try await self.service("wrap").unwrap(second, context: [1, 2]) == Self.secret)
    let empty = try await service.wrap(Self.secret, context: [])
    #expect(try await service.unwrap(empty, context: []) == Self.secret)
  }

  /// What was changed, cut or belongs elsewhere does not open, bit for bit.
  @Test func whatDoesNotFitIsTampered() async throws {
    try makeKey("copied")
    let service = try service("copied")
    let wrapped = try await service.wrap(Self.secret, context: [1, 2])
    #expect(await code { _ = try await service.unwrap(wrapped, context: [1, 3]) } == .tampered)
    for place in wrapped.bytes.indices {
      var changed = wrapped
      changed.bytes[place] ^= 1
      let changedOne = changed
      #expect(
        await code { _ = try await service.unwrap(changedOne, context: [1, 2]) } == .tampered)
    }
    for count in [0, 12, 27, 28, 59] {
      let cut = WrappedKey(rootID: "root", bytes: Array(wrapped.bytes.prefix(count)))
      #expect(await code { _ = try await service.unwrap(cut, context: [1, 2]) } == .tampered)
    }
    #expect(try await service.unwrap(wrapped, context: [1, 2]) == Self.secret)
  }

  @Test func theRootKeyIsExchanged() async throws {
    try makeKey("turn")
    let old = try await service("turn").wrap(Self.secret, context: [7])
    try makeKey("turn", "root-2")
    let service = try service("turn", "root-2")
    let new = try await service.wrap(Self.secret, context: [7])
    #expect(new.rootID == "root-2")
    #expect(try await service.unwrap(old, context: [7]) == Self.secret)
    let forged = WrappedKey(rootID: "root", bytes: new.bytes)
    #expect(await code { _ = try await service.unwrap(forged, context: [7]) } == .tampered)
    #expect(await code { try makeKey("turn") } == .duplicateKey)
  }

  @Test func aWrongPINIsRefusedAndNotTriedAgain() async throws {
    _ = Tokens.folder
    let module = try PKCS11Module.at(Tokens.module)
    let token = PKCS11Token(module, label: "pin", pin: "0000-wrong")
    for _ in 0..<20 {
      let error = #expect(throws: PrivataError.self) {
        try token.connected { _ throws(PKCS11Failure) in }
      }
      #expect(error?.code == .keyUnavailable && error?.isRetriable == false)
      #expect(error.map { "\($0)".contains("0000-wrong") } == false)
    }
    // The right one is taken still: the token saw the wrong one once.
    try makeKey("pin")
    #expect(try await service("pin").wrap(Self.secret, context: []).bytes.count == 60)
  }

  @Test func whatIsNotThereIsNamed() async throws {
    #expect(await code { _ = try self.service("absent") } == .unknownKey)
    #expect(await code { _ = try self.service("nobody") } == .keyUnavailable)
    try makeKey("absent")
    let service = try self.service("absent")
    let stranger = WrappedKey(rootID: "other", bytes: [UInt8](repeating: 0, count: 60))
    #expect(await code { _ = try await service.unwrap(stranger, context: []) } == .unknownKey)
  }

  @Test(arguments: ["/no/such/module.so", "relative.so", "/etc/hostname", "/lib/no.so"])
  func aFileThatIsNoModuleIsRefused(_ path: String) {
    let error = #expect(throws: PrivataError.self) {
      try PKCS11KeyService(module: path, token: "wrap", pin: "1234", key: "root")
    }
    #expect(error?.code == .badArgument)
  }

  /// A library that is no PKCS #11 module.
  @Test func anotherLibraryIsRefused() throws {
    let names = ["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6"]
    let path = try #require(names.first { FileManager.default.fileExists(atPath: $0) })
    let error = #expect(throws: PrivataError.self) {
      try PKCS11KeyService(module: path, token: "wrap", pin: "1234", key: "root")
    }
    #expect(error?.code == .badArgument)
  }

  @Test func aLostSessionIsOpenedAnew() async throws {
    try makeKey("lost")
    let service = try service("lost")
    let wrapped = try await service.wrap(Self.secret, context: [1])
    let module = try PKCS11Module.at(Tokens.module)
    let session = try module.session(onTokenOf: "lost")
    #expect(module.functions.pointee.CloseAllSessions(session.slot) == 0)
    #expect(try await service.unwrap(wrapped, context: [1]) == Self.secret)
    let again = try module.session(onTokenOf: "lost")
    #expect(module.functions.pointee.CloseAllSessions(again.slot) == 0)
    #expect(try await service.wrap(Self.secret, context: [1]).bytes.count == 60)
  }

  /// The token's files are taken away while it is in use.
  @Test func aTokenThatIsGoneIsUnavailable() async throws {
    let before = try FileManager.default.contentsOfDirectory(atPath: Tokens.folder)
    let uses = { (name: String) -> Int in
      ((try? FileManager.default.contentsOfDirectory(atPath: Tokens.folder + "/" + name)) ?? [])
        .count
    }
    let counts = Dictionary(uniqueKeysWithValues: before.map { ($0, uses($0)) })
    try makeKey("gone")
    let own = try #require(before.first { uses($0) > counts[$0] ?? 0 })
    let service = try service("gone")
    let wrapped = try await service.wrap(Self.secret, context: [1])
    try FileManager.default.removeItem(atPath: Tokens.folder + "/" + own)
    let found = await code { _ = try await service.unwrap(wrapped, context: [1]) }
    #expect([.keyUnavailable, .unknownKey].contains(found))
    let next = await code { _ = try await service.wrap(Self.secret, context: [1]) }
    #expect([.keyUnavailable, .unknownKey].contains(next))
  }

  // MARK: - A vault on it

  private func vault(_ places: [MemoryStore], _ folder: String, _ key: String) async throws -> Vault
  {
    var options = VaultOptions()
    options.journal.directory = folder
    options.masterKey = .service(try service("vault", key))
    options.encryption = EncryptionOptions(keyStore: .store(places[2]))
    return try await Vault(
      identity: .store(places[0]), clinical: .store(places[1]), options: options)
  }

  @Test func aVaultRunsOnIt() async throws {
    try makeKey("vault")
    let folder = FileManager.default.temporaryDirectory.appending(path: "privata-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let places = ["identity", "clinical", "keys"].map { MemoryStore(name: "\($0)-\(UUID())") }
    let model = ModelSchema(
      name: "Patient", collection: "patients",
      fields: [
        FieldSchema("_id", .string, isOptional: false),
        FieldSchema("name", .string, privacy: .pii, encryption: .encrypted),
      ], isOpen: true)
    let first = try await vault(places, folder, "root")
    try await first.store.prepare([model])
    _ = try await first.store.write(
      .insert(Insert(model, .documents([["_id": "p1", "name": "Ada Canary"]]))))
    try makeKey("vault", "root-2")
    let second = try await vault(places, folder, "root-2")
    try await second.store.prepare([model])
    #expect(try await second.store.rows(for: Query(model)).documents[0]["name"] == "Ada Canary")
    #expect(try await second.encryption?.rotate(.root).rewrapped ?? 0 > 0)
    let roots = try await second.encryption?.status().epochs.compactMap(\.rootID)
    #expect(Set(roots ?? []) == ["root-2"])
    await second.close()
    await first.close()
  }
}
