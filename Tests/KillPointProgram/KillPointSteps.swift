import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport

/// The operations that are killed in the middle.
struct KillPointSteps {
  let folder: String
  let models = ClinicModels()

  static let ada = ObjectID(high: 1, low: 1)
  static let bob = ObjectID(high: 1, low: 2)

  func open() async throws -> Vault {
    var options = VaultOptions()
    options.journal.directory = folder + "/journal"
    options.journal.segmentBytes = 1 << 20
    options.masterKey = .bytes(Array(repeating: 9, count: 32))
    let vault = try await Vault(
      identity: .sqlite(folder + "/identity.db"), clinical: .sqlite(folder + "/clinical.db"),
      options: options)
    try await vault.store.prepare(models.all)
    return vault
  }

  func run(_ step: String) async throws -> String {
    if step.hasPrefix("region") { return try await RegionSteps(folder: folder).run(step) }
    let vault = try await open()
    switch step {
    case "fill":
      try await insert(vault, Self.ada, "ada")
      try await insert(vault, Self.bob, "bob")
      try await write(
        vault,
        .insert(
          Insert(
            models.session,
            .documents([
              ["_id": .objectID(Self.ada), "patient": .objectID(Self.ada), "summary": "note"]
            ]))))
    case "insert": try await insert(vault, ObjectID(), "new")
    case "update":
      try await write(
        vault,
        .update(
          Update(
            models.patient, where: .document(["_id": .objectID(Self.ada)]),
            .operators([
              "$set": ["name": "new", "diagnosis": "new"], "$inc": ["age": 1, "weight": 1],
            ]))))
    case "delete":
      try await write(
        vault, .delete(Delete(models.patient, where: .document(["_id": .objectID(Self.ada)]))))
    case "transaction": try await transaction(vault)
    case "erase":
      let result = try await vault.gdpr(for: models.patient).rightToErasure(
        Self.ada, .init(requestedBy: Self.ada, reason: "test", legalBasis: .article17))
      return result.certificate.json
    case "append": try await append(vault)
    case "appendFromManyTasks": try await appendFromManyTasks(vault)
    default: break
    }
    return "done"
  }

  private func insert(_ vault: Vault, _ id: ObjectID, _ name: String) async throws {
    let document: Document = [
      "_id": .objectID(id), "name": .string(name), "email": .string("\(name)@example.org"),
      "age": 1, "diagnosis": .string("d-" + name), "weight": 1.0,
    ]
    try await write(vault, .insert(Insert(models.patient, .documents([document]))))
  }

  private func write(_ vault: Vault, _ write: Write) async throws {
    _ = try await vault.store.write(write)
  }

  private func transaction(_ vault: Vault) async throws {
    guard let store = vault.store as? any TransactionalStore else { return }
    try await store.withTransaction { transaction in
      for id in [Self.ada, Self.bob] {
        _ = try await transaction.write(
          .update(
            Update(
              models.patient, where: .document(["_id": .objectID(id)]),
              .operators(["$inc": ["age": 1, "weight": 1]]))))
      }
    }
  }

  /// Reads without end; says after each read that it was audited.
  private func append(_ vault: Vault) async throws {
    for number in 1... {
      _ = try await vault.store.rows(for: Query(models.clinic, answer: .count))
      FileHandle.standardOutput.write(Data("\(number)\n".utf8))
    }
  }

  /// Four tasks read without end, while the events of the reads are moved as they come.
  private func appendFromManyTasks(_ vault: Vault) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask {
          for number in 1... {
            _ = try await vault.store.rows(for: Query(models.clinic, answer: .count))
            FileHandle.standardOutput.write(Data("\(task) \(number)\n".utf8))
          }
        }
      }
      group.addTask {
        while true {
          try await vault.audit.flush()
          try await Task.sleep(for: .milliseconds(1))
        }
      }
      try await group.waitForAll()
    }
  }
}
