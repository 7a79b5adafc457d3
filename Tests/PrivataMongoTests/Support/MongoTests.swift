import Foundation
import PrivataCore
import Testing

@testable import PrivataMongo

/// What the tests of this driver share: the server of `PRIVATA_MONGO_URL`.
enum MongoTests {
  static let url = environment("PRIVATA_MONGO_URL") ?? "mongodb://127.0.0.1:27017/privata"
  static let passwordURL = environment("PRIVATA_MONGO_PASSWORD_URL")

  /// Host and port of the server.
  static var endpoint: (host: String, port: UInt16) {
    let authority = url.dropFirst("mongodb://".count).prefix { $0 != "/" && $0 != "?" && $0 != "," }
    let parts = authority.split(separator: "@").last?.split(separator: ":") ?? []
    return (String(parts.first ?? "127.0.0.1"), UInt16(parts.last ?? "27017") ?? 27017)
  }

  static func store(
    _ database: String = "mongo_driver_test", options: MongoOptions = MongoOptions()
  ) async throws -> MongoStore {
    try await MongoStore.open(url, database: database, options: options)
  }

  /// A document model with only `_id`, in a collection of that name.
  static func open(_ collection: String) -> ModelSchema {
    ModelSchema(
      name: "Item", collection: collection, fields: [FieldSchema("_id", .any)], isOpen: true)
  }

  /// Runs the body on an empty collection in a database of its own, which is dropped afterwards:
  /// what creates or drops a collection makes transactions of the same database wait.
  static func withCollection(
    _ collection: String, options: MongoOptions = MongoOptions(),
    _ body: (MongoStore, ModelSchema) async throws -> Void
  ) async throws {
    let store = try await store("mongo_driver_" + collection, options: options)
    let model = open(collection)
    try await store.dropDatabase()
    do {
      try await body(store, model)
    } catch {
      try? await store.dropDatabase()
      throw error
    }
    try await store.dropDatabase()
    await store.close()
  }

  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name]
  }
}

extension Store {
  @discardableResult
  func insert(_ documents: [Document], into model: ModelSchema) async throws -> WriteOutcome {
    try await write(.insert(Insert(model, .documents(documents))))
  }

  func find(_ filter: Document = [:], in model: ModelSchema) async throws -> [Document] {
    try await rows(for: Query(model, where: .document(filter), sort: [SortKey("_id")])).documents
  }

  func count(_ filter: Document = [:], in model: ModelSchema) async throws -> Int {
    let rows = try await rows(for: Query(model, where: .document(filter), answer: .count))
    return rows.value(row: 0, column: 0)?.asInt ?? -1
  }
}

/// The error that the body throws.
func thrown(_ body: () async throws -> Void) async -> PrivataError? {
  do { try await body() } catch { return error as? PrivataError }
  return nil
}

/// Keeps the commands that a store sends.
final class CommandRecorder: CommandObserver {
  private let lock = NSLock()
  nonisolated(unsafe) private var seen: [ObservedCommand] = []

  func willSend(_ command: ObservedCommand) { lock.withLock { seen.append(command) } }

  /// The commands so far, without what drivers add; the recorder starts anew.
  func take() -> [Document] {
    lock.withLock {
      defer { seen = [] }
      return seen.map(\.essentials)
    }
  }
}
