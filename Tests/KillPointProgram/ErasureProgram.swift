import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestPlaces
import TestSupport

/// Erasures of persons that are killed before a write of a number, over any pair of stores:
///   KillPointProgram <folder> dossier <identity> <clinical> fill <count> | erase <person> | check
/// where a store is `engine=name`.
struct ErasureProgram {
  let folder: String
  let identity: Place
  let clinical: Place
  let models = DossierModels()

  init?(_ folder: String, _ arguments: [String]) {
    let places = arguments.prefix(2).compactMap { text -> Place? in
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let engine = Place.Engine(rawValue: parts[0]) else { return nil }
      return Place(engine, named: parts[1])
    }
    guard places.count == 2 else { return nil }
    self.folder = folder
    identity = places[0]
    clinical = places[1]
  }

  func open() async throws -> Vault {
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    options.journal.segmentBytes = 1 << 20
    options.masterKey = .bytes(Array(repeating: 9, count: 32))
    options.encryption = EncryptionOptions(
      keyStore: WriteCount.shared.before(.sqlite(folder + "/keys.db")))
    // A process that was killed says nothing any more: the next one waits for its lease.
    options.encryption?.leaseSeconds = 0.2
    options.retention.rules = [DossierModels.obligation]
    let vault = try await Vault(
      identity: WriteCount.shared.before(identity.source),
      clinical: WriteCount.shared.before(clinical.source), options: options)
    vault.register(models.all)
    try await vault.store.prepare(models.all)
    return vault
  }

  func run(_ arguments: [String]) async throws -> String {
    let vault = try await open()
    let number = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 0
    switch arguments[0] {
    case "fill":
      for person in 1...number { try await models.insert(person, into: vault.store) }
    case "erase":
      WriteCount.shared.arm()
      let result = try await vault.gdpr(for: models.person)
        .rightToErasure(Int64(number), DossierModels.request)
      return result.certificate.json
    case "check":
      try await vault.erasures.recover()
      // MongoDB keeps what a killed process had locked in a transaction for up to a minute.
      for _ in 0..<100 {
        let open = try await vault.erasures.open()
        if open.isEmpty { break }
        for saga in open { _ = try? await vault.erasures.resume(saga.sagaID) }
        try await Task.sleep(for: .seconds(1))
      }
      let open = try await vault.erasures.open().count
      await vault.close()
      return "open \(open)"
    default: throw PrivataError(.badArgument, "no step \(arguments[0])")
    }
    await vault.close()
    return "done"
  }
}
