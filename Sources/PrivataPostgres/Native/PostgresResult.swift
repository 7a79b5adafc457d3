internal import CPostgres

/// The answer to one statement, in libpq's memory until it is released.
final class PostgresResult: @unchecked Sendable {
  // Safe: libpq never changes a finished result, and reading one has no state.
  private let handle: OpaquePointer

  init(adopting handle: OpaquePointer) { self.handle = handle }

  deinit { PQclear(handle) }

  var rowCount: Int { Int(PQntuples(handle)) }
  var columnCount: Int { Int(PQnfields(handle)) }

  /// True where the statement answers rows, none of them counted as well.
  var hasRows: Bool { PQresultStatus(handle) == PGRES_TUPLES_OK }

  /// How many rows an INSERT, UPDATE, DELETE, SELECT or FETCH touched; 0 for anything else.
  var affected: Int {
    guard var digit = PQcmdTuples(handle) else { return 0 }
    var count = 0
    while (48...57).contains(digit.pointee) {
      count = count &* 10 &+ Int(digit.pointee - 48)
      digit += 1
    }
    return count
  }

  /// What the server says it did: `COMMIT`, `INSERT 0 1`.
  var tag: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

  func columnName(_ column: Int) -> String {
    PQfname(handle, Int32(column)).map { String(cString: $0) } ?? ""
  }

  /// The type of a column.
  func type(_ column: Int) -> PostgresType { PostgresType(PQftype(handle, Int32(column))) }

  /// True where a column came in the binary format.
  func isBinary(_ column: Int) -> Bool { PQfformat(handle, Int32(column)) == 1 }

  /// The number of parameters of a described statement.
  var parameterCount: Int { Int(PQnparams(handle)) }

  /// The type of a parameter of a described statement.
  func parameterType(_ index: Int) -> PostgresType {
    PostgresType(PQparamtype(handle, Int32(index)))
  }

  /// How many bytes a cell has.
  func length(row: Int, column: Int) -> Int {
    Int(PQgetlength(handle, Int32(row), Int32(column)))
  }

  /// The bytes of a cell, `nil` for NULL; they live as long as the result.
  @inline(__always)
  func bytes(row: Int, column: Int) -> UnsafeRawBufferPointer? {
    let row = Int32(truncatingIfNeeded: row)
    let column = Int32(truncatingIfNeeded: column)
    let count = PQgetlength(handle, row, column)
    if count == 0, PQgetisnull(handle, row, column) == 1 { return nil }
    return UnsafeRawBufferPointer(
      start: PQgetvalue(handle, row, column), count: Int(count))
  }
}
