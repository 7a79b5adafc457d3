internal import PrivataCore

/// Copies of records of which nothing is left that could lead to a person: chosen fields, under random
/// ids, and only what enough records share.
///
/// Source: GDPR Recital 26.
struct AnonymousRecords {
  let core: VaultCore
  let separation: Separation

  /// Adds copies of records that are erased by now, and answers how many.
  ///
  /// After their erasure: a crash in between loses a copy, never keeps a person.
  func add(_ records: [Document], keep: [String], k: Int) async throws(PrivataError) -> Int {
    let model = model(keep)
    let isClinical = keep.contains { separation.holds($0, in: .clinical) }
    let store = isClinical ? core.clinicalStore : core.identityStore
    try await store.prepare([model])
    var groups: [Document: Int] = [:]
    for record in records { groups[copy(record, keep), default: 0] += 1 }
    var rows: [Document] = []
    for (copy, count) in groups {
      guard try await count + known(copy, model, store) >= k else { continue }
      for _ in 0..<count {
        var row: Document = ["_id": .string(Hexadecimal.text(SecureBytes.random(16)))]
        for element in copy { row[element.key] = element.value }
        rows.append(row)
      }
    }
    guard !rows.isEmpty else { return 0 }
    // In no order that the records had.
    rows.shuffle()
    let outcome = try await store.write(.insert(Insert(model, .documents(rows))))
    if let failure = outcome.failures.first { throw failure.error }
    return rows.count
  }

  private func copy(_ record: Document, _ keep: [String]) -> Document {
    Document(keep.map { .init(key: $0, value: record[$0] ?? .null) })
  }

  private func known(
    _ copy: Document, _ model: ModelSchema, _ store: any Store
  ) async throws(PrivataError) -> Int {
    let query = Query(model, where: .document(copy), answer: .count, layout: .cells)
    return try await store.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
  }

  private func model(_ keep: [String]) -> ModelSchema {
    var fields = [FieldSchema("_id", .string, isOptional: false)]
    for name in keep {
      guard let field = separation.model.field(name) else { continue }
      fields.append(FieldSchema(name, field.type))
    }
    return ModelSchema(
      name: separation.model.name + "Anonymous",
      collection: separation.model.collection + "_anonymous", fields: fields, isOpen: true)
  }
}
