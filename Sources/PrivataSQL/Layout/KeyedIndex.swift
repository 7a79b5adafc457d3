package import PrivataCore

/// An index of an open model whose keys SQL cannot take from columns: over paths into documents, over
/// a part of the records, by a collation, or unique by MongoDB's rules, under which a missing value is
/// null and `1` is `1.0`. Each row notes its key in a column of the index's own; null is in no index.
///
/// ```swift
/// // unique over ["address.zip"]: column "_ix~address.zip", the BSON of ["10001"]
/// ```
package final class KeyedIndex: Sendable {
  /// The column that holds the keys.
  package let column: String
  package let schema: IndexSchema
  /// True where the index holds only values that their column does not: the column's own index has
  /// the others.
  package let isOdd: Bool

  private let paths: [DottedPath]
  private let tuples: SortTuples
  private let partial: DocumentMatcher?
  private let order: ValueOrder

  /// Keys longer than this are left to the check of the records.
  private static let mostBytes = 1000
  private static let prefix = "_ix"

  /// An index of these parts.
  ///
  /// - Throws: what a malformed partial filter or collation throws.
  init(column: String, _ schema: IndexSchema, isOdd: Bool) throws(PrivataError) {
    self.column = column
    self.schema = schema
    self.isOdd = isOdd
    paths = schema.parts.map { DottedPath($0.field) }
    tuples = SortTuples(paths)
    order = try ValueOrder(schema.collation)
    partial = try schema.partialFilter.map { (filter) throws(PrivataError) in
      try DocumentMatcher(filter)
    }
  }

  /// The top-level fields on which a row's key depends, `nil` where it may be any.
  package var fields: Set<String>? {
    var fields = Set(paths.map { $0.parts[0] })
    for key in schema.partialFilter?.keys ?? [] {
      guard !key.hasPrefix("$") else { return nil }
      fields.insert(String(key.prefix { $0 != "." }))
    }
    return fields
  }

  /// True where rows can be found by the value at this path.
  func finds(_ path: String) -> Bool {
    !isOdd && schema.parts.count == 1 && schema.parts[0].field == path && !schema.isSparse
      && partial == nil && order.collation == nil
  }

  /// The key of a record: bytes; empty for several keys in an index that is not unique; null for none.
  ///
  /// - Throws: `unsupported` for a record with several keys in a unique index.
  func key(of document: Document, in layout: TableLayout) throws(PrivataError) -> Value {
    guard try isIn(document, layout) else { return .null }
    var keys: Set<[UInt8]> = []
    for tuple in try tuples.tuples(of: document) { keys.insert(bytes(tuple)) }
    guard keys.count == 1, let key = keys.first else {
      guard schema.isUnique else { return .binary(Binary([])) }
      let names = schema.parts.map(\.field)
      throw PrivataError(
        .unsupported,
        """
        the unique index of \(layout.model.name) over \(names.joined(separator: ", ")) takes one \
        value per record on this store, not a list of several: keep them in a model of their own, \
        or use MongoDB
        """, fields: names, model: layout.model.name)
    }
    return .binary(Binary(!schema.isUnique && key.count > Self.mostBytes ? [] : key))
  }

  private func isIn(_ document: Document, _ layout: TableLayout) throws(PrivataError) -> Bool {
    if isOdd {
      let field = schema.parts[0].field
      guard let value = document[field], let column = layout.column(field) else { return false }
      // Without `isSparse` the column's own index knows of nulls.
      if value.isNull { return schema.isSparse }
      return !column.type.keeps(value, in: layout.dialect)
    }
    if let partial, try !partial.matches(document) { return false }
    return !(schema.isSparse && paths.allSatisfy { $0.value(in: document) == nil })
  }

  private func bytes(_ tuple: [Value]) -> [UInt8] {
    Self.bytes(order.collation == nil ? tuple : tuple.map(order.key))
  }

  private static func bytes(_ tuple: [Value]) -> [UInt8] {
    guard case .binary(let binary) = DocumentKey.bytes(.array(tuple)) else { return [] }
    return binary.bytes
  }

  /// The key by which ``finds(_:)`` finds a value.
  static func key(finding value: Value) -> Value {
    let key = bytes([value])
    return .binary(Binary(key.count > mostBytes ? [] : key))
  }

  // MARK: Names

  /// The name of a column, by the fields; `number` tells several over the same fields apart.
  static func column(_ schema: IndexSchema, number: Int) -> String {
    let start = number > 1 ? "\(prefix)\(number)" : prefix
    return ([start] + schema.parts.map(\.field)).joined(separator: "~")
  }

  /// The fields of an index by its column; `nil` for any other column.
  package static func fields(ofColumn column: String) -> [String]? {
    guard column.hasPrefix(prefix), column.utf8.contains(UInt8(ascii: "~")) else { return nil }
    return column.split(separator: "~").dropFirst().map(String.init)
  }
}

extension KeyedIndex: Hashable {
  package static func == (a: KeyedIndex, b: KeyedIndex) -> Bool {
    a.column == b.column && a.hasKeys(of: b.schema, isOdd: b.isOdd)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(column) }

  /// True where an index of that schema has the same keys, whatever its name and its order.
  func hasKeys(of other: IndexSchema, isOdd: Bool) -> Bool {
    self.isOdd == isOdd && schema.parts.map(\.field) == other.parts.map(\.field)
      && schema.isUnique == other.isUnique && schema.isSparse == other.isSparse
      && schema.partialFilter == other.partialFilter && schema.collation == other.collation
  }
}

// MARK: - In the meta table

extension KeyedIndex {
  /// The index as the meta table notes it.
  var note: Document {
    var note: Document = [
      "column": .string(column), "fields": .array(schema.parts.map { .string($0.field) }),
      "unique": .bool(schema.isUnique), "sparse": .bool(schema.isSparse), "odd": .bool(isOdd),
    ]
    if let filter = schema.partialFilter { note["partial"] = .document(filter) }
    if let collation = schema.collation { note["collation"] = .document(collation) }
    return note
  }

  /// The index of a note.
  convenience init(note: Document) throws(PrivataError) {
    guard let column = note["column"]?.asString, let fields = note["fields"]?.asArray,
      !fields.isEmpty
    else { throw PrivataError(.corrupt, "an index in \(LayoutMeta.table) is damaged") }
    let schema = IndexSchema(
      parts: fields.compactMap(\.asString).map { .init($0) },
      isUnique: note["unique"]?.asBool ?? false, isSparse: note["sparse"]?.asBool ?? false,
      partialFilter: note["partial"]?.asDocument, collation: note["collation"]?.asDocument)
    try self.init(column: column, schema, isOdd: note["odd"]?.asBool ?? false)
  }
}
