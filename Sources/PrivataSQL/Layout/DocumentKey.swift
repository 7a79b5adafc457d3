internal import PrivataCore

/// Keys of any type in open models: a column of the BSON bytes of a value that stands for all that
/// are equal by MongoDB's rules, so that `1`, `1.0` and a 64-bit `1` are one key. Where the record's
/// own key differs from what stands for it, `_rest` has it too.
enum DocumentKey {
  /// The value that stands for all equal ones.
  static func canonical(_ value: Value) -> Value {
    switch value {
    case .int64(let number): return Int32(exactly: number).map { .int32($0) } ?? value
    case .double(let number):
      if number.isNaN { return .double(.nan) }
      return Int64(exactly: number).map { canonical(.int64($0)) } ?? value
    case .decimal:
      switch ValueOrder().key(value) {
      case .int64(let number): return canonical(.int64(number))
      case .symbol: return .double(.nan)
      case let other: return other
      }
    case .symbol(let text): return .string(text)
    case .array(let items): return .array(items.map(canonical))
    case .document(let document):
      return .document(
        Document(document.elements.map { .init(key: $0.key, value: canonical($0.value)) }))
    default: return value
    }
  }

  /// The bytes of a value's column.
  static func bytes(_ value: Value) -> Value {
    var bytes: [UInt8] = []
    BSONWriter.append(element: canonical(value), to: &bytes)
    return .binary(Binary(bytes))
  }

  /// True where the column alone gives the value back.
  static func isCanonical(_ value: Value) -> Bool {
    switch value {
    case .int32, .string, .objectID, .bool, .date, .binary, .null: true
    default:
      Document([.init(key: "", value: canonical(value))]).bson
        == Document([.init(key: "", value: value)]).bson
    }
  }
}

extension TableLayout {
  /// True for a key of any type in an open model.
  func isAnyKey(_ column: LayoutColumn) -> Bool {
    if case .any = column.type { isOpen } else { false }
  }
}
