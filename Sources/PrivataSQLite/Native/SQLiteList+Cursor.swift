internal import CSQLite
internal import PrivataCore

// The walk over the array's elements: type byte, key, value. The bytes are this process's own, and
// are checked all the same.

extension SQLiteList.Cursor {
  var isAtEnd: Bool {
    guard let bytes, position < bytes.count else { return true }
    return bytes[position] == 0 || value == nil
  }

  mutating func advance() {
    row += 1
    position = value.map { $0.start + $0.count } ?? bytes?.count ?? 0
  }

  /// Where the current value is.
  private var value: (start: Int, count: Int)? {
    guard let bytes else { return nil }
    var start = position + 1
    while start < bytes.count, bytes[start] != 0 { start += 1 }
    start += 1
    guard let count = size(at: start), count >= 0, start + count <= bytes.count else { return nil }
    return (start, count)
  }

  private func size(at start: Int) -> Int? {
    guard let bytes, let type = BSONType(rawValue: bytes[position]) else { return nil }
    switch type {
    case .null: return 0
    case .bool: return 1
    case .int32: return 4
    case .double, .int64, .date: return 8
    case .objectID: return 12
    case .decimal: return 16
    case .string: return length(at: start).map { $0 + 4 }
    case .binary: return length(at: start).map { $0 + 5 }
    default: return nil
    }
  }

  private func length(at start: Int) -> Int? {
    guard let bytes, start + 4 <= bytes.count else { return nil }
    return Int(bytes.loadUnaligned(fromByteOffset: start, as: Int32.self))
  }

  /// Answers the current value in the form in which columns hold it.
  func answer(_ context: OpaquePointer?) {
    guard let bytes, let (start, count) = value, let type = BSONType(rawValue: bytes[position])
    else { return sqlite3_result_null(context) }
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch type {
    case .bool: sqlite3_result_int(context, Int32(bytes[start]))
    case .int32:
      sqlite3_result_int(context, bytes.loadUnaligned(fromByteOffset: start, as: Int32.self))
    case .int64, .date:
      sqlite3_result_int64(context, bytes.loadUnaligned(fromByteOffset: start, as: Int64.self))
    case .double:
      sqlite3_result_double(context, bytes.loadUnaligned(fromByteOffset: start, as: Double.self))
    case .string:
      let text = bytes.baseAddress! + start + 4
      sqlite3_result_text(
        context, text.assumingMemoryBound(to: CChar.self), Int32(count - 5), transient)
    case .objectID: sqlite3_result_blob(context, bytes.baseAddress! + start, 12, transient)
    case .binary:
      sqlite3_result_blob(context, bytes.baseAddress! + start + 5, Int32(count - 5), transient)
    case .decimal: answerDecimal(context, start, transient)
    default: sqlite3_result_null(context)
    }
  }

  private func answerDecimal(
    _ context: OpaquePointer?, _ start: Int, _ transient: sqlite3_destructor_type
  ) {
    guard let bytes else { return }
    let number = Decimal128(
      high: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self),
      low: bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self))
    var text = number.description
    text.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        sqlite3_result_text(context, text.baseAddress, Int32(text.count), transient)
      }
    }
  }
}
