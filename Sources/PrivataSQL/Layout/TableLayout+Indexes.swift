package import PrivataCore

extension TableLayout {
  /// The keyed indexes of an open model: those that its table has, and those that it asks for. What is
  /// malformed is left out; ``checkIndexes()`` refuses it.
  static func keyedIndexes(
    _ model: ModelSchema, _ columns: [LayoutColumn], _ existing: [KeyedIndex]
  ) -> [KeyedIndex] {
    guard model.isOpen else { return [] }
    var all = existing
    for schema in wantedKeys(model) {
      let column =
        schema.parts.count == 1 ? columns.first { $0.field == schema.parts[0].field } : nil
      let isOdd =
        schema.isUnique && schema.partialFilter == nil && schema.collation == nil
        && column.map { hasOwnValues($0.type) } ?? false
      if all.contains(where: { $0.hasKeys(of: schema, isOdd: isOdd) }) { continue }
      let number = 1 + all.count { $0.schema.parts.map(\.field) == schema.parts.map(\.field) }
      let name = KeyedIndex.column(schema, number: number)
      if let index = try? KeyedIndex(column: name, schema, isOdd: isOdd) { all.append(index) }
    }
    return all
  }

  /// True for a type none of whose values equals one of another type.
  private static func hasOwnValues(_ type: FieldType) -> Bool {
    switch type {
    case .string, .varchar, .objectID, .bool, .date, .uuid, .binary: true
    default: false
    }
  }

  private static func wantedKeys(_ model: ModelSchema) -> [IndexSchema] {
    var wanted: [IndexSchema] = []
    for (position, field) in model.fields.enumerated() {
      guard field.isUnique, model.primaryKey != [position] else { continue }
      wanted.append(IndexSchema(parts: [.init(field.name)], isUnique: true))
    }
    for index in model.indexes {
      let isOrdered = index.parts.allSatisfy { $0.kind == nil || $0.kind == "hashed" }
      guard isOrdered, let first = index.parts.first else { continue }
      if index.isUnique {
        wanted.append(index)
      } else if model.findsByKey(first.field), index.collation == nil {
        wanted.append(IndexSchema(parts: [.init(first.field)]))
      }
    }
    return wanted
  }

  /// Refuses indexes that this store cannot keep although the model's meaning depends on them.
  ///
  /// - Throws: `unsupported`, saying what to use; what a malformed filter or collation throws.
  package func checkIndexes() throws(PrivataError) {
    for index in model.indexes {
      _ = try KeyedIndex(column: "", index, isOdd: false)
      guard index.isUnique else { continue }
      let names = index.parts.map(\.field)
      if let kind = index.parts.lazy.compactMap(\.kind).first(where: { $0 != "hashed" }) {
        throw refusal(names, "a \(kind) index is never unique: make a second, ordered index")
      }
      guard !isOpen else { continue }
      guard names.allSatisfy({ column($0) != nil }) else {
        throw refusal(names, "columns alone can be unique in a typed model: give it a column")
      }
      guard index.partialFilter == nil, index.collation == nil else {
        throw refusal(
          names, "it takes neither filter nor collation in a typed model: use a column for it")
      }
    }
  }

  private func refusal(_ fields: [String], _ why: String) -> PrivataError {
    PrivataError(
      .unsupported,
      "the unique index of \(model.name) over \(fields.joined(separator: ", ")): \(why)",
      fields: fields, model: model.name)
  }

  /// The statements that make the indexes.
  package func createIndexes() -> [String] {
    var statements: [IndexStatement] = []
    for field in model.fields where !isSoleKey(field.name) {
      statements += fieldIndex(field)
    }
    for index in model.indexes {
      statements += self.index(index).filter { !statements.contains($0) }
    }
    for index in keyed { statements.append(self.index(index)) }
    if isOpen {
      // Finds out whether any row is odd, and which, without reading the table.
      statements.append(
        IndexStatement(indexName(["odd"], "idx"), on: self, "(\(odd)) WHERE \(odd) IS NOT NULL"))
    }
    return statements.map(\.text)
  }

  /// The index that a field asks for by itself.
  func fieldIndex(_ field: FieldSchema) -> [IndexStatement] {
    guard let column = column(field.name), field.isUnique || field.isIndexed else { return [] }
    return index([(column, false)], isUnique: field.isUnique)
  }

  /// The part of an index that columns make. One over a part of the records holds them all: it finds
  /// the same.
  func index(_ index: IndexSchema) -> [IndexStatement] {
    let isOrdered = index.parts.allSatisfy { $0.kind == nil || $0.kind == "hashed" }
    guard isOrdered else { return [] }
    var parts: [(LayoutColumn, Bool)] = []
    for part in index.parts {
      guard let column = column(part.field) else { break }
      parts.append((column, part.isDescending))
    }
    guard !parts.isEmpty else { return [] }
    let isWhole =
      parts.count == index.parts.count && index.partialFilter == nil && index.collation == nil
    return self.index(
      parts, isUnique: index.isUnique && isWhole, name: index.name, isSparse: index.isSparse)
  }

  private func index(_ index: KeyedIndex) -> IndexStatement {
    IndexStatement(
      name(of: index), on: self, "(\(dialect.quote(index.column)))",
      isUnique: index.schema.isUnique)
  }

  /// The name of a keyed index.
  func name(of index: KeyedIndex) -> String {
    indexName([index.column], index.schema.isUnique ? "key" : "idx")
  }

  /// An index, and for a unique one of an open model a second: MongoDB takes a missing field for
  /// null, and lets one record be without it.
  private func index(
    _ parts: [(LayoutColumn, Bool)], isUnique: Bool, name: String? = nil, isSparse: Bool = false
  ) -> [IndexStatement] {
    let names = parts.map(\.0.name)
    let terms = parts.map { $0.1 ? "\(quoted($0.0)) DESC" : quoted($0.0) }.joined(separator: ", ")
    let label =
      name.map { "\(model.collection)_\($0)" } ?? indexName(names, isUnique ? "key" : "idx")
    var statements = [IndexStatement(label, on: self, "(\(terms))", isUnique: isUnique)]
    if isUnique, isOpen, !isSparse, parts.count == 1 {
      let column = quoted(parts[0].0)
      statements.append(
        IndexStatement(
          indexName(names, "null"), on: self,
          "((\(column) IS NULL)) WHERE \(column) IS NULL AND \(odd) IS NULL", isUnique: true))
    }
    return statements
  }

  func indexName(_ parts: [String], _ suffix: String) -> String {
    ([model.collection] + parts + [suffix]).joined(separator: "_")
  }
}

/// A statement that makes an index, with the index's name.
struct IndexStatement: Sendable, Hashable {
  let name: String
  let text: String

  init(_ name: String, on layout: TableLayout, _ rest: String, isUnique: Bool = false) {
    self.name = name
    let kind = isUnique ? "UNIQUE INDEX" : "INDEX"
    text =
      "CREATE \(kind) IF NOT EXISTS \(layout.dialect.quote(name)) ON \(layout.table) \(rest)"
  }
}

extension ModelSchema {
  /// True for a path into documents that are no lists: one value per record.
  fileprivate func findsByKey(_ path: String) -> Bool {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, parts.allSatisfy({ Int($0) == nil && !$0.isEmpty }) else { return false }
    if case .array? = field(String(parts[0]))?.type { return false }
    return true
  }
}
