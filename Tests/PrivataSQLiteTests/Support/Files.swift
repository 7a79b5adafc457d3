import Foundation
import PrivataCore
import PrivataSQLite
import Testing

/// A folder that goes with the test.
final class Folder: Sendable {
  let path: String

  init(in parent: String = NSTemporaryDirectory()) throws {
    path = parent + "/privata-sqlite-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // A test that took its rights away gives them back.
    chmod(path, 0o700)
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String = "test.db") -> String { path + "/" + name }
}

/// A document model with a field of every column type.
func noteModel(
  _ more: [FieldSchema] = [], indexes: [IndexSchema] = [], collection: String = "notes"
) -> ModelSchema {
  ModelSchema(
    name: "Note", collection: collection,
    fields: [
      .init("_id", .any), .init("title", .string), .init("count", .number),
      .init("at", .date), .init("body", .document), .init("tags", .array(.string)),
    ] + more, indexes: indexes, isOpen: true)
}

extension Store {
  func insert(_ documents: [Document], into model: ModelSchema) async throws {
    _ = try await write(.insert(Insert(model, .documents(documents))))
  }

  func find(
    _ model: ModelSchema, _ filter: Document = [:], sort: [SortKey] = [SortKey("_id")]
  ) async throws -> [Document] {
    try await rows(for: Query(model, where: .document(filter), sort: sort)).documents
  }

  func count(_ model: ModelSchema, _ filter: Document = [:]) async throws -> Int {
    let rows = try await rows(for: Query(model, where: .document(filter), answer: .count))
    return rows.value(row: 0, column: 0)?.asInt ?? -1
  }

  func update(_ model: ModelSchema, _ filter: Document, _ operators: Document) async throws {
    _ = try await write(.update(Update(model, where: .document(filter), .operators(operators))))
  }
}

/// The code of the error that the body throws.
func code(_ body: () async throws -> Void) async -> PrivataError.Code? {
  do {
    try await body()
    return nil
  } catch { return (error as? PrivataError)?.code }
}

/// Keeps what is sent.
final class Statements: StatementObserver, @unchecked Sendable {
  // Safe: guarded by the lock.
  private let lock = NSLock()
  private var records: [StatementRecord] = []

  func willSend(_ statement: StatementRecord) {
    lock.withLock { records.append(statement) }
  }

  var texts: [String] { lock.withLock { records.map(\.text) } }
}
