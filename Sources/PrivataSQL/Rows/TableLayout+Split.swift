package import PrivataCore

/// A record as the values of its table's columns.
package struct SplitRow: Sendable {
  /// In the order of the layout's columns; an open model's `_rest`, `_odd` and the keys of
  /// its keyed indexes follow.
  package var values: [Value]
  /// True where some value is kept in `_rest` for its type.
  package var isOdd: Bool
}

extension TableLayout {
  /// The types of the columns in the order of ``SplitRow/values``.
  package var storedTypes: [FieldType] {
    columns.map(storedType) + (isOpen ? [.binary, .bool] : []) + keyed.map { _ in .binary }
  }

  /// The type as which a column's values are bound. A document's key may be null, which the column
  /// of a key may not, so a key of any type is given as the bytes of its element.
  func storedType(_ column: LayoutColumn) -> FieldType {
    isAnyKey(column) ? .binary : column.type
  }

  /// A value as ``storedType(_:)`` binds it.
  func storedValue(_ value: Value, _ column: LayoutColumn) -> Value {
    isAnyKey(column) ? DocumentKey.bytes(value) : value
  }

  /// The names of the columns in the order of ``SplitRow/values``, quoted.
  package var storedNames: [String] {
    columns.map(quoted) + (isOpen ? [rest, odd] : [])
      + keyed.map { dialect.quote($0.column) }
  }

  /// Takes a record apart into columns.
  ///
  /// - Throws: `badID` for a key that its column cannot hold, `missingField` for none; in a closed
  ///   model `wrongType` and `unknownField`.
  package func split(_ document: Document) throws(PrivataError) -> SplitRow {
    isOpen ? try splitOpen(document) : try splitClosed(document)
  }

  /// The document with a new id where it has none and its model's ids are object ids, or any.
  package func withKey(_ document: Document) -> Document {
    guard isOpen, let key = key.first, model.primaryKey.count == 1 else { return document }
    guard key.type == .objectID || key.type == .any, !document.contains(key.field) else {
      return document
    }
    let id = Document.Element(key: key.field, value: .objectID(ObjectID()))
    return Document([id] + document.elements)
  }

  private func splitOpen(_ document: Document) throws(PrivataError) -> SplitRow {
    let width = columns.count + 2 + keyed.count
    var row = SplitRow(values: Array(repeating: .null, count: width), isOdd: false)
    var others: [Document.Element] = []
    var next = 0
    for element in document.elements {
      guard let position = position(of: element.key, expecting: &next) else {
        others.append(element)
        continue
      }
      if row.values[position].isNull, columns[position].type.keeps(element.value, in: dialect) {
        let column = columns[position]
        row.values[position] = storedValue(element.value, column)
        if isAnyKey(column), !DocumentKey.isCanonical(element.value) { others.append(element) }
      } else {
        others.append(element)
        if element.value != .null { row.isOdd = true }
      }
    }
    try checkKey(&row, others)
    if !others.isEmpty { row.values[columns.count] = try restValue(others) }
    if row.isOdd { row.values[columns.count + 1] = .bool(true) }
    for (number, index) in keyed.enumerated() {
      row.values[columns.count + 2 + number] = try index.key(of: document, in: self)
    }
    return row
  }

  /// The position of a field, found at once where fields come in the order of the columns.
  @inline(__always)
  private func position(of field: String, expecting next: inout Int) -> Int? {
    if next < columns.count, columns[next].field == field {
      next += 1
      return next - 1
    }
    guard let position = position(of: field) else { return nil }
    next = position + 1
    return position
  }

  /// `_rest` in the order of the model, so that reading merges it with the columns in one pass.
  private func restValue(_ others: [Document.Element]) throws(PrivataError) -> Value {
    var others = others
    if others.count > 1 {
      let ranked = others.enumerated().map { index, element in
        (model.position(of: element.key) ?? Int.max, index, element)
      }
      others = ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }
    return .binary(Binary(try Document(others).encoded()))
  }

  private func checkKey(
    _ row: inout SplitRow, _ others: [Document.Element]
  ) throws(PrivataError) {
    for place in model.primaryKey {
      let field = model.fields[place]
      guard let position = position(of: field.name), row.values[position].isNull else { continue }
      let isOdd = others.contains { $0.key == field.name && !$0.value.isNull }
      if field.isGenerated { continue }
      throw PrivataError(
        isOdd ? .badID : .missingField,
        isOdd
          ? "\(model.name).\(field.name) takes values of type \(columns[position].type.name)"
          : "\(model.name).\(field.name) is missing",
        fields: [field.name], model: model.name)
    }
  }

  private func splitClosed(_ document: Document) throws(PrivataError) -> SplitRow {
    var row = SplitRow(values: Array(repeating: .null, count: columns.count), isOdd: false)
    var next = 0
    for element in document.elements {
      guard let position = position(of: element.key, expecting: &next) else {
        throw PrivataError(
          .unknownField, "\(model.name) has no field \(element.key)", fields: [element.key],
          model: model.name)
      }
      row.values[position] = try stored(element.value, at: position)
    }
    for (position, column) in columns.enumerated() where row.values[position].isNull {
      if let value = model.field(column.field)?.storeDefault { row.values[position] = value }
    }
    return row
  }

  /// A value in the form in which a closed model's column holds it.
  ///
  /// - Throws: `wrongType` where the column's type cannot hold it.
  package func stored(_ value: Value, at position: Int) throws(PrivataError) -> Value {
    if value.isNull { return .null }
    let column = columns[position]
    if let stored = column.type.stored(value) { return stored }
    throw PrivataError(
      .wrongType, "\(model.name).\(column.field) takes values of type \(column.type.name)",
      fields: [column.field], model: model.name, value: value)
  }
}

extension FieldType {
  /// The value in the form in which a column of this type holds it, `nil` where it cannot.
  func stored(_ value: Value) -> Value? {
    switch (self, value) {
    case (.double, _), (.number, _):
      value.asDouble.map { self == .number ? .number($0) : .double($0) }
    case (.decimal, .int32), (.decimal, .int64), (.decimal, .double):
      value.asInt.flatMap { Decimal128(String($0)) }.map { .decimal($0) } ?? Self.decimal(value)
    case (.binary, .binary), (.uuid, .binary), (.document, .document), (.array, .array),
      (.json, _):
      value
    default: comparable(value)
    }
  }

  private static func decimal(_ value: Value) -> Value? {
    value.asDouble.flatMap { Decimal128(String($0)) }.map { .decimal($0) }
  }
}
