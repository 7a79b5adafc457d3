internal import CSQLite
internal import PrivataCore
internal import PrivataSQL

/// Decimals are text in SQLite; this teaches a connection to order them and to calculate with them.
enum SQLiteDecimals {
  static func register(on db: OpaquePointer) {
    sqlite3_create_collation_v2(
      db, SQLDialect.decimalCollation, SQLITE_UTF8, nil,
      { _, aCount, a, bCount, b in
        SQLiteDecimals.order(
          UnsafeRawBufferPointer(start: a, count: Int(aCount)),
          UnsafeRawBufferPointer(start: b, count: Int(bCount)))
      }, nil)
    sqlite3_create_function_v2(
      db, SQLDialect.decimalFunction, 3, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil,
      { context, _, arguments in
        guard let arguments else { return sqlite3_result_null(context) }
        SQLiteDecimals.calculate(
          arguments[0], sqlite3_value_text(arguments[1])?.pointee ?? 0, arguments[2],
          for: context)
      }, nil, nil, nil)
  }

  /// Numbers before texts that are none.
  private static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int32 {
    let (x, y) = (
      Decimal128(String(decoding: a, as: UTF8.self)),
      Decimal128(String(decoding: b, as: UTF8.self))
    )
    switch (x, y) {
    case (let x?, let y?): return Int32(Decimal128.order(x, y))
    case (.some, nil): return -1
    case (nil, .some): return 1
    case (nil, nil):
      return a.lexicographicallyPrecedes(b) ? -1 : (b.lexicographicallyPrecedes(a) ? 1 : 0)
    }
  }

  private static func calculate(
    _ a: OpaquePointer?, _ sign: UInt8, _ b: OpaquePointer?, for context: OpaquePointer?
  ) {
    guard let a = number(a), let b = number(b) else { return sqlite3_result_null(context) }
    let result: Decimal128? =
      switch sign {
      case UInt8(ascii: "+"): a + b
      case UInt8(ascii: "-"): a - b
      case UInt8(ascii: "*"): a * b
      default: a / b
      }
    guard let result else { return sqlite3_result_null(context) }
    var text = result.description
    text.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        sqlite3_result_text(
          context, text.baseAddress, Int32(text.count),
          unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      }
    }
  }

  private static func number(_ value: OpaquePointer?) -> Decimal128? {
    guard let text = sqlite3_value_text(value) else { return nil }
    return Decimal128(String(cString: text))
  }
}
