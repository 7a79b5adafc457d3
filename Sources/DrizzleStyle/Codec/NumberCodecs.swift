internal import PrivataCore
internal import PrivataSQL

/// Numbers that a double holds.
struct NumberCodec: ColumnCodec {
  var isReal = false

  func encode(_ value: Value) -> SQLBinding { .value(value) }

  func decode(_ answer: Answer) -> Value {
    guard isReal, let number = answer.number.asDouble else { return answer.number }
    return .double(number)
  }
}

/// PostgreSQL's 64-bit integers and decimals.
struct WideNumberCodec: ColumnCodec {
  var mode: NumberMode
  var isDecimal: Bool

  func encode(_ value: Value) -> SQLBinding {
    isDecimal ? .value(.string(JSText.text(value))) : .value(value)
  }

  func decode(_ answer: Answer) -> Value { mode.value(answer) }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    place == .json ? SQL([.nested(column), .text("::text")]) : column
  }
}

/// SQLite's numbers by affinity, read as text so that no digit is lost on the way.
struct SQLiteNumericCodec: ColumnCodec {
  var mode: NumberMode

  func encode(_ value: Value) -> SQLBinding {
    .value(mode == .text ? value : .string(JSText.text(value)))
  }

  func decode(_ answer: Answer) -> Value { mode.value(answer) }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    if place == .row, mode == .number { return column }
    return SQL([.text("cast("), .nested(column), .text(" as text)")])
  }
}

extension NumberMode {
  fileprivate func value(_ answer: Answer) -> Value {
    switch self {
    case .number: answer.number
    case .integer: JSText.integer(answer.text) ?? .string(answer.text)
    case .text: .string(answer.text)
    }
  }
}

/// PostgreSQL's Booleans.
struct BoolCodec: ColumnCodec {
  func encode(_ value: Value) -> SQLBinding { .value(value) }

  func decode(_ answer: Answer) -> Value {
    switch answer.value {
    case .string(let text): .bool(text == "t" || text == "true")
    default: answer.value
    }
  }
}

/// Booleans as SQLite's 1 and 0; only 1 is true.
struct SQLiteBoolCodec: ColumnCodec {
  func encode(_ value: Value) -> SQLBinding {
    if case .bool(let flag) = value { .value(.int32(flag ? 1 : 0)) } else { .value(value) }
  }

  func decode(_ answer: Answer) -> Value {
    if case .bool = answer.value { return answer.value }
    return .bool(answer.value.asInt == 1)
  }
}
