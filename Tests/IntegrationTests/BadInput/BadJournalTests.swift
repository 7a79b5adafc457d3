import Foundation
import MongoStyle
import PrivataCompliance
import PrivataCore
import TestPlaces
import Testing

/// A damaged journal: the vault does not open, says which file and where, and loses nothing.
@Suite(.serialized) struct BadJournalTests {
  @Test(arguments: Setting.vaults, ["events", "intents"])
  func isRefusedAndNothingIsLost(_ setting: Setting, _ journal: String) async throws {
    let places = VaultPlaces(try #require(setting.pair))
    try await places.removing {
      let before = try await opened(places) { clinic, _ in
        try await clinic.fill()
        return try await clinic.contents()
      }
      let path = try file(journal, places)
      try flip(path)
      let error = await #expect(throws: PrivataError.self) { try await places.open().close() }
      expectTold(error, .corrupt, [], "\(setting)")
      #expect(error?.message.contains(path) == true, "\(setting)")
      #expect(error?.message.contains("offset") == true, "\(setting)")
      // With the bit back, all is there.
      try flip(path)
      #expect(try await opened(places) { clinic, _ in try await clinic.contents() } == before)
    }
  }

  /// Set aside, the damaged file is kept and the vault goes on with what is whole.
  @Test(arguments: Setting.vaults) func isSetAside(_ setting: Setting) async throws {
    let places = VaultPlaces(try #require(setting.pair))
    try await places.removing {
      let before = try await opened(places) { clinic, _ in
        try await clinic.fill()
        return try await clinic.contents()
      }
      let path = try file("events", places)
      try flip(path)
      let after = try await opened(places, { $0.journal.damage = .setAside }) { clinic, vault in
        let found = try await clinic.contents()
        #expect(try await vault.audit.verify().isValid, "\(setting)")
        return found
      }
      #expect(after == before)
      #expect(FileManager.default.fileExists(atPath: path + ".damaged"), "\(setting)")
    }
  }

  // MARK: -

  private func opened<R>(
    _ places: VaultPlaces, _ change: (inout VaultOptions) -> Void = { _ in },
    _ body: (BadInputClinic, Vault) async throws -> R
  ) async throws -> R {
    let vault = try await places.open(change)
    let clinic = try BadInputClinic(vault.mongo, [places.identity, places.clinical])
    let result = try await body(clinic, vault)
    await vault.close()
    return result
  }

  /// The first file of a journal.
  private func file(_ journal: String, _ places: VaultPlaces) throws -> String {
    let files = try FileManager.default.subpathsOfDirectory(atPath: places.directory)
    let name = try #require(files.sorted().first { $0.contains("/\(journal)-") })
    return "\(places.directory)/\(name)"
  }

  /// Turns one bit of the first record.
  private func flip(_ path: String) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    bytes[90] ^= 4
    try bytes.write(to: URL(filePath: path))
  }
}
