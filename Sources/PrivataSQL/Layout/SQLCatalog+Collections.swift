package import PrivataCore

extension SQLCatalog {
  /// The model of a collection, for pipelines that name collections: one that was prepared, else one
  /// made of what the database notes of the table; `nil` where there is no such table of documents.
  package func model(
    ofCollection collection: String, beside other: ModelSchema, in database: some SQLExecutor
  ) async throws(PrivataError) -> ModelSchema? {
    if let known = model(ofCollection: collection, namespace: other.namespace) { return known }
    let made = try await database.execute(LayoutMeta.exists(dialect)).rows
    guard made.value(row: 0, column: 0)?.asBool == true else { return nil }
    let meta = try LayoutMeta(try await database.execute(LayoutMeta.read()).rows)
    let bare = ModelSchema(
      name: collection, collection: collection, namespace: other.namespace, fields: [], isOpen: true
    )
    guard let columns = meta.columns[dialect.table(bare)], !columns.isEmpty else { return nil }
    return ModelSchema(
      name: collection, collection: collection, namespace: other.namespace,
      fields: columns.map { FieldSchema($0.field, $0.type, column: $0.name) }, isOpen: true)
  }
}
