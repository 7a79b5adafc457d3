internal import PrivataCore

/// The row that each of two transactions leaves, so that after a crash between their commits it is
/// known which of them went through.
enum CommitMarker {
  static let model = ModelSchema(
    name: "VaultCommit", collection: "privata_commits",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("at", .date, isOptional: false),
    ])

  /// The insert of a marker.
  static func insert(_ id: String) -> Write {
    var rows = RowBatch(width: 2)
    rows.append(text: id)
    rows.append(date: .now)
    return .insert(Insert(model, .cells(fields: ["_id", "at"], rows)))
  }

  /// True where a store has the marker.
  static func exists(_ id: String, in store: any Store) async throws(PrivataError) -> Bool {
    let query = Query(
      model, where: .compare("_id", .equal, .string(id)), answer: .exists, layout: .cells)
    return try await store.rows(for: query).value(row: 0, column: 0)?.asBool ?? false
  }

  /// Removes markers.
  static func remove(_ ids: [String], from store: any Store) async throws(PrivataError) {
    guard !ids.isEmpty else { return }
    let filter = Filter.oneOf("_id", ids.map { .string($0) })
    _ = try await store.write(.delete(Delete(model, where: filter, layout: .cells)))
  }
}
