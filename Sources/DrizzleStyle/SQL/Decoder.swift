public import PrivataCore

/// How the value of an expression is read.
public indirect enum Decoder: Sendable {
  /// As the store answers it. PostgreSQL answers 64-bit integers, decimals, dates and times as text,
  /// SQLite integers for Booleans and dates.
  case plain
  /// As a number.
  case number
  /// As a text: exact for decimals and sums.
  case text
  /// As the column keeps it.
  case column(SQLColumn)
  /// By a function, which null is not passed to.
  case function(@Sendable (Value) throws(PrivataError) -> Value)
}

extension Decoder {
  /// The value of an answer.
  func decode(_ answer: Answer) throws(PrivataError) -> Value {
    if answer.isNull { return .null }
    switch self {
    case .plain: return try answer.plain
    case .number: return answer.number
    case .text: return .string(answer.text)
    case .column(let column): return try column.codec.decode(answer)
    case .function(let function): return try function(try answer.plain)
    }
  }
}
