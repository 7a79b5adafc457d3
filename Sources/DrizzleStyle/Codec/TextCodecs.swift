internal import PrivataCore
internal import PrivataSQL

/// What is text in the program too: texts, times, intervals, addresses, enumerations, UUIDs.
struct TextCodec: ColumnCodec {
  /// True where JSON would change the text.
  var castsInJSON = false

  func encode(_ value: Value) -> SQLBinding {
    switch value {
    case .binary(let binary) where binary.subtype == 4:
      .value(.string(UUIDText.text(binary.bytes)))
    case .date(let date): .value(.string(date.iso8601))
    default: .value(value)
    }
  }

  func decode(_ answer: Answer) -> Value { .string(answer.text) }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    castsInJSON && place == .json ? SQL([.nested(column), .text("::text")]) : column
  }
}

/// JSON documents.
struct JSONCodec: ColumnCodec {
  func encode(_ value: Value) -> SQLBinding { .value(.string(JSONForm.text(value))) }

  func decode(_ answer: Answer) throws(PrivataError) -> Value {
    switch (answer.form, answer.value) {
    case (.json(.postgres), _), (.decoded, _): answer.value
    case (_, .string(let text)): try JSONForm.value(text)
    default: answer.value
    }
  }
}

/// PostgreSQL's points, lines and geometries.
struct GeometryCodec: ColumnCodec {
  /// The names of the numbers, `nil` for a list of them.
  var names: [String]?
  var marks: String

  func encode(_ value: Value) -> SQLBinding {
    let numbers: [Value] =
      switch value {
      case .array(let values): values
      case .document(let document): (names ?? document.keys).map { document[$0] ?? .null }
      default: []
      }
    if numbers.isEmpty { return .value(value) }
    let list = numbers.map { JSText.text($0) }.joined(separator: ",")
    return .value(.string("\(marks.first ?? "(")\(list)\(marks.last ?? ")")"))
  }

  func decode(_ answer: Answer) -> Value {
    guard case .string(let text) = answer.value else { return answer.value }
    return PostgresPlain.geometry(text, names)
  }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    SQL([.nested(column), .text("::text")])
  }
}

/// Lists of numbers of the extension for vectors.
struct VectorCodec: ColumnCodec {
  func encode(_ value: Value) -> SQLBinding { .value(.string(JSONForm.text(value))) }

  func decode(_ answer: Answer) throws(PrivataError) -> Value {
    guard case .string(let text) = answer.value else { return answer.value }
    return try JSONForm.value(text)
  }
}

/// PostgreSQL's arrays.
struct ArrayCodec: ColumnCodec {
  var element: any ColumnCodec
  var dimensions: Int
  /// True where the array is asked for as one of texts.
  var castsToText: Bool

  func encode(_ value: Value) throws(PrivataError) -> SQLBinding {
    .value(try encoded(value))
  }

  private func encoded(_ value: Value) throws(PrivataError) -> Value {
    if value.isNull { return .null }
    if case .array(let values) = value {
      var elements: [Value] = []
      for value in values { elements.append(try encoded(value)) }
      return .array(elements)
    }
    guard case .value(let encoded) = try element.encode(value) else {
      throw PrivataError(.unsupported, "an element of a list cannot be an expression")
    }
    return encoded
  }

  func decode(_ answer: Answer) throws(PrivataError) -> Value {
    if case .string(let text) = answer.value, !answer.isJSON {
      return try ArrayText.value(text) { text throws(PrivataError) in
        try element.decode(Answer(.string(text), answer.form))
      }
    }
    return try decoded(answer)
  }

  private func decoded(_ answer: Answer) throws(PrivataError) -> Value {
    if answer.isNull { return .null }
    guard case .array(let values) = answer.value else { return try element.decode(answer) }
    var elements: [Value] = []
    for value in values { elements.append(try decoded(Answer(value, answer.form))) }
    return .array(elements)
  }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    guard castsToText else { return column }
    return SQL([
      .nested(column), .text("::text" + String(repeating: "[]", count: dimensions)),
    ])
  }
}

/// Stands for a column that does not exist: whatever is asked of it is refused.
struct RefusingCodec: ColumnCodec {
  var error: PrivataError

  func encode(_ value: Value) throws(PrivataError) -> SQLBinding { throw error }
  func decode(_ answer: Answer) throws(PrivataError) -> Value { throw error }

  func selection(of column: SQL, in place: SelectionPlace, _ dialect: SQLDialect) -> SQL {
    .failure(error)
  }
}

/// The value of a named expression of a subquery.
struct ExpressionCodec: ColumnCodec {
  var decoder: Decoder

  func encode(_ value: Value) -> SQLBinding { .value(value) }
  func decode(_ answer: Answer) throws(PrivataError) -> Value { try decoder.decode(answer) }
}
