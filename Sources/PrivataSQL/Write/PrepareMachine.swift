package import PrivataCore

/// Makes what models need and is missing: tables, columns, indexes. After it is done and committed,
/// ``bind()`` tells the catalog.
package struct PrepareMachine: SQLWriteMachine {
  private let models: [ModelSchema]
  private let catalog: SQLCatalog
  private var phase = Phase.start
  private var layouts: [TableLayout] = []
  private var existing: [String: [String]] = [:]
  private var meta: LayoutMeta?
  /// Open tables that got columns whose values may lie in `_rest` of records that are there.
  private var widened: [Int] = []
  /// Tables to which other programs added columns.
  private var adopting: Set<String> = []
  /// Those of them whose every record needs the keys of an index.
  private var rekeyed: Set<Int> = []
  private var areOdd: [Bool] = []

  private enum Phase: Sendable { case start, meta, columns, create, widen, rewrite, odd, bound }

  package init(_ models: [ModelSchema], _ catalog: SQLCatalog) {
    self.models = models
    self.catalog = catalog
  }

  private var dialect: SQLDialect { catalog.dialect }

  package mutating func next(
    _ results: [Result<SQLResult, PrivataError>]
  ) throws(PrivataError) -> SQLStep {
    for result in results { _ = try result.get() }
    switch phase {
    case .start:
      phase = .meta
      return .transaction
    case .meta:
      phase = .columns
      return .run(lock + [LayoutMeta.create(dialect), LayoutMeta.read()], collecting: false)
    case .columns:
      meta = try LayoutMeta(try results.last?.get().rows ?? RowBatch(width: 2))
      phase = .create
      return .run(models.map { TableColumns.statement($0, dialect) }, collecting: false)
    case .create:
      try note(results)
      phase = .widen
      return .run(try schemaStatements(), collecting: false)
    case .widen:
      phase = .rewrite
      return .run(widened.map(recordsToRewrite), collecting: false)
    case .rewrite:
      phase = .odd
      return .run(try rewritten(results), collecting: false)
    case .odd:
      phase = .bound
      return .run(layouts.filter(\.isOpen).map(LayoutMeta.oddRows), collecting: false)
    case .bound:
      for result in results {
        areOdd.append(try result.get().rows.value(row: 0, column: 0)?.asBool ?? false)
      }
      return .done(WriteOutcome())
    }
  }

  /// Tells the catalog what the tables are like.
  package func bind() {
    var odd = areOdd.makeIterator()
    for layout in layouts {
      let isOdd = layout.isOpen ? odd.next() ?? false : false
      catalog.note(
        layout.model, columns: layout.columns, indexes: layout.keyed, mayHoldOdd: isOdd)
    }
  }
}

// MARK: - What is there

extension PrepareMachine {
  /// Two processes may prepare one database at the same time; SQLite's write lock is enough there.
  private var lock: [SQLStatement] {
    guard dialect == .postgres else { return [] }
    let namespaces = Set(models.compactMap(\.namespace)).sorted()
    return [LayoutMeta.schema("SELECT pg_advisory_xact_lock(7236114905)")]
      + namespaces.map { LayoutMeta.schema("CREATE SCHEMA IF NOT EXISTS \(dialect.quote($0))") }
  }

  private mutating func note(
    _ results: [Result<SQLResult, PrivataError>]
  ) throws(PrivataError) {
    // Several models may share one table; each adds its columns to those of the ones before.
    var known = meta?.columns ?? [:]
    var indexes = meta?.indexes ?? [:]
    for (model, result) in zip(models, results) {
      let found = TableColumns(try result.get().rows, dialect)
      let table = dialect.table(model)
      existing[table] = found.names
      if model.isOpen, !found.names.isEmpty, let noted = known[table] {
        let present = found.present(noted)
        let others = found.unknown(present, indexes[table] ?? [])
        if !others.isEmpty { adopting.insert(table) }
        known[table] = present + others
      }
      let layout = layout(model, known[table] ?? [], indexes[table] ?? [])
      try layout.checkIndexes()
      if model.isOpen {
        known[table] = layout.columns
        indexes[table] = layout.keyed
      }
      layouts.append(layout)
    }
    layouts = layouts.map { layout in
      guard layout.isOpen else { return layout }
      return self.layout(layout.model, known[layout.table] ?? [], indexes[layout.table] ?? [])
    }
  }
}

// MARK: - What is missing

extension PrepareMachine {
  private func layout(
    _ model: ModelSchema, _ existing: [LayoutColumn], _ indexes: [KeyedIndex]
  ) -> TableLayout {
    TableLayout(
      model, dialect: dialect, existing: existing, indexes: indexes,
      keepsOrder: catalog.keepsOrder)
  }

  private mutating func schemaStatements() throws(PrivataError) -> [SQLStatement] {
    var texts: [String] = []
    var references: [String] = []
    var made: Set<String> = []
    for (index, layout) in layouts.enumerated() {
      let names = existing[layout.table] ?? []
      if names.isEmpty, made.insert(layout.table).inserted {
        texts.append(try layout.createTable(model: model))
        references += try layout.addReferences(model: model)
      } else if !names.isEmpty {
        let missing = layout.columns.filter { !names.contains($0.name) }
        texts += missing.map { layout.addColumn($0) }
        if layout.keepsOrder, !names.contains(TableLayout.sequenceName) {
          texts.append(
            "ALTER TABLE \(layout.table) ADD COLUMN IF NOT EXISTS \(layout.sequenceColumn)")
        }
        let keys = layout.keyed.filter { !names.contains(dialect.identifier($0.column)) }
        texts += keys.map { layout.addColumn($0) }
        let added = missing.map(\.name) + keys.map { dialect.identifier($0.column) }
        existing[layout.table, default: []] += added
        let isWider = !missing.isEmpty || !keys.isEmpty || adopting.remove(layout.table) != nil
        if layout.isOpen, isWider { widened.append(index) }
        if !keys.isEmpty { rekeyed.insert(index) }
      }
    }
    texts += references
    for layout in layouts { texts += layout.createIndexes() }
    return texts.map { LayoutMeta.schema($0) } + [LayoutMeta.noteVersion(dialect)]
      + layouts.filter(\.isOpen).flatMap { layout in
        [LayoutMeta.note(layout), LayoutMeta.noteIndexes(layout)]
      }
  }

  private func model(_ name: String) -> ModelSchema? {
    models.first { $0.name == name } ?? catalog.model(named: name)
  }

  private func recordsToRewrite(_ index: Int) -> SQLStatement {
    let layout = layouts[index]
    let form = DocumentForm(layout)
    let names = form.selected.map { layout.quoted(layout.columns[$0]) } + [layout.rest]
    return LayoutMeta.schema(
      """
      SELECT \(names.joined(separator: ", ")) FROM \(layout.table)\
      \(rekeyed.contains(index) ? "" : " WHERE \(layout.rest) IS NOT NULL")
      """, columns: form.selected.map { layout.columns[$0].type } + [.binary])
  }

  /// Moves values from `_rest` into the new columns.
  private func rewritten(
    _ results: [Result<SQLResult, PrivataError>]
  ) throws(PrivataError) -> [SQLStatement] {
    var statements: [SQLStatement] = []
    for (index, result) in zip(widened, results) {
      let layout = layouts[index]
      let replacement = UpdatePlan.replacement(layout)
      for document in DocumentForm(layout).documents(try result.get().rows) {
        let row = try layout.split(document)
        statements.append(
          SQLStatement(
            replacement.compiled.template,
            replacement.columns.map { row.values[$0] } + replacement.key.map { row.values[$0] }))
      }
    }
    return statements
  }
}

/// The statements that remove models' tables and what the meta table says of them.
package enum SQLDrop {
  package static func statements(
    _ models: [ModelSchema], dialect: SQLDialect
  ) -> [SQLStatement] {
    let cascade = dialect == .postgres ? " CASCADE" : ""
    var statements = [LayoutMeta.create(dialect)]
    for model in models {
      let layout = TableLayout(model, dialect: dialect)
      statements.append(LayoutMeta.schema("DROP TABLE IF EXISTS \(layout.table)\(cascade)"))
      statements.append(LayoutMeta.forget(layout))
    }
    return statements
  }
}
