public import PrivataCore
internal import Synchronization

/// The models of a vault, kept beside its identity rows: names, types and classes of fields, never a
/// value. So a tool that knows nothing of the program can open the vault.
final class ModelCatalog: Sendable {
  private let store: any Store
  /// What is recorded, by the model's name; `nil` until it was read.
  private let known = Mutex<[String: String]?>(nil)

  static let schema = ModelSchema(
    name: "RecordedModel", collection: "privata_models",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("schema", .string, isOptional: false),
    ])

  init(store: any Store) { self.store = store }

  /// Records the models that are new or changed.
  func save(_ models: [ModelSchema]) async throws(PrivataError) {
    var recorded: [String: String]
    if let known = known.withLock({ $0 }) { recorded = known } else { recorded = try await texts() }
    for model in models {
      let text = model.catalogDocument.extendedJSON(.relaxed)
      guard recorded[model.name] != text else { continue }
      try await save(model.name, text)
      recorded[model.name] = text
    }
    known.withLock { $0 = recorded }
  }

  private func save(_ name: String, _ text: String) async throws(PrivataError) {
    var row = RowBatch(width: 2)
    row.append(text: name)
    row.append(text: text)
    var insert = Insert(Self.schema, .cells(fields: ["_id", "schema"], row))
    insert.onConflict = .update(fields: ["_id"], .assign([Assignment("schema", .string(text))]))
    _ = try await store.write(.insert(insert))
  }

  private func texts() async throws(PrivataError) -> [String: String] {
    try await store.prepare([Self.schema])
    let query = Query(Self.schema, projection: .fields(["_id", "schema"]), layout: .cells)
    let rows = try await store.rows(for: query)
    var texts: [String: String] = [:]
    for row in 0..<rows.count {
      guard let name = rows.value(row: row, column: 0)?.asString else { continue }
      texts[name] = rows.value(row: row, column: 1)?.asString
    }
    return texts
  }

  /// The models that programs recorded.
  ///
  /// - Throws: `corrupt` for a record that holds no model.
  func models() async throws(PrivataError) -> [ModelSchema] {
    let texts = try await texts()
    var models: [ModelSchema] = []
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      guard let document = try? Document(extendedJSON: text),
        let model = ModelSchema(catalog: document)
      else { throw PrivataError(.corrupt, "what is recorded of the model \(name) cannot be read") }
      models.append(model)
    }
    return models
  }
}

extension VaultCore {
  /// Divides every model that this or another program uses. A key is in use also where it seals
  /// records of a model that this process has not touched.
  func learnAllModels() async throws(PrivataError) {
    for model in try await catalog.models() { registry.registerIfUnknown(model) }
    for model in registry.models { _ = try registry.separation(of: model) }
  }
}

extension Vault {
  /// The models that programs used with this vault, as they recorded them: names, types and classes
  /// of fields, no values, no indexes.
  ///
  /// ```swift
  /// vault.register(try await vault.recordedModels())   // a tool that has no models of its own
  /// ```
  public func recordedModels() async throws(PrivataError) -> [ModelSchema] {
    try await core.catalog.models()
  }
}
