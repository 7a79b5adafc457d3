internal import PrivataCore
internal import PrivataSQL

/// Fields of models, which drivers bind and read by their types.
struct ModelCodec: ColumnCodec {
  var type: FieldType

  /// - Throws: `wrongType` for a text where the field is none: SQLite would keep it.
  func encode(_ value: Value) throws(PrivataError) -> SQLBinding {
    switch (type, value) {
    case (.int32, .string), (.int64, .string), (.double, .string), (.bool, .string):
      throw PrivataError(.wrongType, "a column of type \(type) takes no text")
    default: return .value(value)
    }
  }

  func decode(_ answer: Answer) throws(PrivataError) -> Value {
    guard case .json(let dialect) = answer.form else { return answer.value }
    return try fromJSON(answer.value, dialect)
  }

  private func fromJSON(_ value: Value, _ dialect: SQLDialect) throws(PrivataError) -> Value {
    switch (type, value) {
    case (_, .null): .null
    case (.bool, .int32(let number)): .bool(number != 0)
    case (.int64, .string(let text)): Int64(text).map { .int64($0) } ?? value
    case (.int64, _): value.asInt.map { .int64(Int64($0)) } ?? value
    case (.double, _): value.asDouble.map { .double($0) } ?? value
    case (.decimal, .string(let text)): Decimal128(text).map { .decimal($0) } ?? value
    case (.date, .string(let text)): DateCodec.date(text).map { .date($0) } ?? value
    case (.date, _):
      value.asInt.map { .date(DateTime(milliseconds: Int64($0))) } ?? value
    case (.uuid, .string(let text)):
      UUIDText.bytes(text).map { .binary(Binary($0, subtype: 4)) } ?? value
    case (.objectID, .string(let text)): ObjectID(text).map { .objectID($0) } ?? value
    case (.binary, .string(let text)): Hex.bytes(text).map { .binary(Binary($0)) } ?? value
    case (.document, .string(let text)): try document(text)
    case (.json, .string(let text)), (.array, .string(let text)):
      dialect == .sqlite ? try JSONForm.value(text) : value
    default: value
    }
  }

  private func document(_ hex: String) throws(PrivataError) -> Value {
    .document(try Document(bson: Hex.bytes(hex) ?? []))
  }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    guard place == .json else { return column }
    switch (type, dialect) {
    case (.int64, .postgres), (.decimal, .postgres), (.date, .postgres):
      return SQL([.nested(column), .text("::text")])
    case (.objectID, .postgres), (.binary, .postgres), (.document, .postgres), (.any, .postgres):
      return SQL([.text("encode("), .nested(column), .text(", 'hex')")])
    case (.objectID, .sqlite), (.binary, .sqlite), (.document, .sqlite), (.any, .sqlite),
      (.uuid, .sqlite):
      return SQL([
        .text("case when "), .nested(column), .text(" is not null then lower(hex("),
        .nested(column), .text(")) end"),
      ])
    default: return column
    }
  }
}
