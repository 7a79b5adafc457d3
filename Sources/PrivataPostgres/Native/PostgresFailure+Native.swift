internal import CPostgres

extension PostgresFailure {
  /// What a failed result says about names: its message and DETAIL hold values and stay behind.
  init(_ result: OpaquePointer) {
    func field(_ code: Int32) -> String? {
      PQresultErrorField(result, code).map { String(cString: $0) }
    }
    self.init(SQLState(field(PostgresFailure.stateField) ?? ""))
    schema = field(PostgresFailure.schemaField)
    table = field(PostgresFailure.tableField)
    column = field(PostgresFailure.columnField)
    constraint = field(PostgresFailure.constraintField)
  }

  // PG_DIAG_… are characters in C, which Swift imports as 32-bit integers.
  private static let stateField = Int32(UInt8(ascii: "C"))
  private static let schemaField = Int32(UInt8(ascii: "s"))
  private static let tableField = Int32(UInt8(ascii: "t"))
  private static let columnField = Int32(UInt8(ascii: "c"))
  private static let constraintField = Int32(UInt8(ascii: "n"))
}
