package import PrivataCore

/// Lists and drops the indexes of a model's table by statements of a SQL store.
package struct IndexKeeping<Executor: SQLExecutor>: Sendable {
  private let executor: Executor
  private let catalog: SQLCatalog

  package init(_ executor: Executor, _ catalog: SQLCatalog) {
    self.executor = executor
    self.catalog = catalog
  }

  /// The indexes of a model's table as MongoDB would describe them; none where there is no table.
  package func indexes(of model: ModelSchema) async throws(PrivataError) -> [Document] {
    try await listing(model)?.descriptions ?? []
  }

  /// Drops an index by the name that ``indexes(of:)`` answers; `*` drops all but the primary key's.
  ///
  /// - Throws: `rejectedByStore` where there is no index of that name.
  package func drop(_ name: String, of model: ModelSchema) async throws(PrivataError) {
    guard let layout = try await layout(model), let listing = try await listing(model) else {
      return
    }
    let (names, keyed) = listing.parts(of: name)
    guard name == "*" || !names.isEmpty else {
      throw PrivataError(
        .rejectedByStore, "\(model.name) has no index of that name", model: model.name)
    }
    for name in names {
      let quoted = catalog.dialect.quote(name)
      let place =
        catalog.dialect == .postgres
        ? model.namespace.map { "\(catalog.dialect.quote($0)).\(quoted)" } ?? quoted : quoted
      _ = try await executor.execute(LayoutMeta.schema("DROP INDEX IF EXISTS \(place)"))
    }
    guard !keyed.isEmpty else { return }
    // Else the next program to prepare the table would make them again.
    let kept = layout.keyed.filter { index in !keyed.contains(index) }
    _ = try await executor.execute(LayoutMeta.noteIndexes(layout, kept))
    catalog.note(
      model, columns: layout.columns, indexes: kept, mayHoldOdd: catalog.mayHoldOdd(model))
  }

  private func listing(_ model: ModelSchema) async throws(PrivataError) -> IndexListing? {
    guard let layout = try await layout(model) else { return nil }
    let rows = try await executor.execute(StoredIndex.statement(model, catalog.dialect)).rows
    let stored = StoredIndex.all(rows)
    return stored.isEmpty ? nil : IndexListing(layout, stored)
  }

  /// The layout of the table as it is, without a change to it; `nil` where nothing was made yet.
  private func layout(_ model: ModelSchema) async throws(PrivataError) -> TableLayout? {
    let dialect = catalog.dialect
    guard model.isOpen else { return TableLayout(model, dialect: dialect) }
    let found = try await executor.execute(LayoutMeta.exists(dialect)).rows
    guard found.value(row: 0, column: 0)?.asBool == true else { return nil }
    let meta = try LayoutMeta(try await executor.execute(LayoutMeta.read()).rows)
    let table = dialect.table(model)
    return TableLayout(
      model, dialect: dialect, existing: meta.columns[table] ?? [],
      indexes: meta.indexes[table] ?? [], keepsOrder: catalog.keepsOrder)
  }
}

extension SQLCatalog {
  /// True where the table of a model may hold odd rows, and where nothing is known.
  fileprivate func mayHoldOdd(_ model: ModelSchema) -> Bool {
    do throws(PrivataError) { return try bound(model).mayHoldOdd } catch { return true }
  }
}

extension ModelSchema {
  /// The model with indexes as MongoDB describes them, besides its own.
  ///
  /// - Throws: `badArgument` for a description without a key.
  package func adding(_ indexes: [Document]) throws(PrivataError) -> ModelSchema {
    var all = self.indexes
    for description in indexes {
      let parts = (description["key"]?.asDocument?.elements ?? []).map { element in
        IndexSchema.Part(
          element.key, isDescending: (element.value.asInt ?? 1) < 0, kind: element.value.asString)
      }
      guard !parts.isEmpty else {
        throw PrivataError(.badArgument, "an index of \(name) has no key", model: name)
      }
      let isUnique = description["unique"]?.isTruthy ?? false
      if parts.count == 1, parts[0].kind == nil, let field = field(parts[0].field),
        isUnique ? field.isUnique : field.isIndexed
      {
        continue
      }
      let isKnown = all.contains { index in
        index.parts == parts && index.isUnique == isUnique
          && index.partialFilter == description["partialFilterExpression"]?.asDocument
      }
      if isKnown { continue }
      all.append(
        IndexSchema(
          name: description["name"]?.asString, parts: parts, isUnique: isUnique,
          isSparse: description["sparse"]?.isTruthy ?? false,
          partialFilter: description["partialFilterExpression"]?.asDocument,
          collation: description["collation"]?.asDocument))
    }
    guard all.count > self.indexes.count else { return self }
    return ModelSchema(
      name: name, collection: collection, namespace: namespace, fields: fields,
      primaryKey: primaryKey.map { fields[$0].name }, indexes: all, isOpen: isOpen)
  }
}
