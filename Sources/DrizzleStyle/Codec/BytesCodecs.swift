internal import PrivataCore
internal import PrivataSQL

/// PostgreSQL's bytes.
struct ByteaCodec: ColumnCodec {
  func encode(_ value: Value) -> SQLBinding { .value(value) }

  func decode(_ answer: Answer) -> Value {
    guard case .string(let text) = answer.value else { return answer.value }
    let bytes =
      answer.isJSON ? Base64.decode(text.filter { $0 != "\n" }) : Hex.bytes(text.dropFirst(2))
    return bytes.map { .binary(Binary($0)) } ?? answer.value
  }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    guard place == .json else { return column }
    return SQL([.text("encode("), .nested(column), .text(", 'base64')")])
  }
}

/// SQLite's blobs: bytes, JSON, or the digits of an integer of any size.
struct BlobCodec: ColumnCodec {
  var mode: SQLiteColumn.BlobMode

  func encode(_ value: Value) -> SQLBinding {
    switch mode {
    case .bytes: .value(value)
    case .json: .value(.binary(Binary(Array(JSONForm.text(value).utf8))))
    case .digits: .value(.binary(Binary(Array(JSText.text(value).utf8))))
    }
  }

  func decode(_ answer: Answer) throws(PrivataError) -> Value {
    let bytes: [UInt8]
    switch answer.value {
    case .binary(let binary): bytes = binary.bytes
    case .string(let text): bytes = answer.isJSON ? Hex.bytes(text) ?? [] : Array(text.utf8)
    default: return answer.value
    }
    switch mode {
    case .bytes: return .binary(Binary(bytes))
    case .json: return try JSONForm.value(String(decoding: bytes, as: UTF8.self))
    case .digits:
      let text = String(decoding: bytes, as: UTF8.self)
      return JSText.integer(text) ?? .string(text)
    }
  }

  /// Null stays null: `hex` alone would make it an empty text.
  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    guard place == .json else { return column }
    return SQL([
      .text("case when "), .nested(column), .text(" is not null then hex("), .nested(column),
      .text(") end"),
    ])
  }
}
