public import PrivataCore

/// Reads a CSV file into documents and reports every cell that is not what its column asks.
///
/// ```swift
/// let importer = CSVImporter(.patients)
/// let people = try importer.read(bytes, named: "patients.csv")
/// people.documents          // [["id": "…", "birthDate": 1989-05-25, "firstName": "…", …], …]
/// people.problems.first     // patients.csv:2: column 21 (ZIP): is not a zip code …; row kept
/// ```
///
/// Cells are separated by `;` or `,`, whichever the heading line uses. Nothing is guessed: a cell
/// that cannot be read is left out of the document, kept in ``ImportedRows/Row/unread``, and
/// reported. A row that cannot be told apart (wrong number of cells, an open quote, a required cell
/// missing, a second row of one key) is refused and reported.
public struct CSVImporter: Sendable {
  let table: CSVTable
  let policy: ImportPolicy

  /// An importer of files of this table.
  public init(_ table: CSVTable, policy: ImportPolicy = ImportPolicy()) {
    self.table = table
    self.policy = policy
  }

  /// Reads the bytes of a file; `name` is what problems call it.
  ///
  /// - Throws: `PrivataError.Code.malformed` where the file has no heading line of this table.
  /// - Privacy: problems name lines and columns, never what a cell holds.
  public func read(_ bytes: [UInt8], named name: String) throws(PrivataError) -> ImportedRows {
    let lines = Self.lines(of: bytes)
    let layout = try Layout(lines.first ?? [], table, file: name)
    var reading = RowReading(layout: layout, policy: policy, file: name)
    for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
      reading.read(line, at: index + 1)
    }
    return reading.result
  }

  /// The lines without their ends; a byte order mark is no part of the first.
  private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    return bytes[start...].split(separator: 0x0A, omittingEmptySubsequences: false).map {
      $0.last == 0x0D ? $0.dropLast() : $0
    }
  }
}

/// Where the table's columns stand in one file.
struct Layout {
  let separator: UInt8
  let width: Int
  let key: String?
  /// The columns that are read, each with its cell number from 0.
  let columns: [(cell: Int, column: CSVColumn)]

  init(_ heading: ArraySlice<UInt8>, _ table: CSVTable, file: String) throws(PrivataError) {
    let semicolon = UInt8(ascii: ";")
    separator = heading.contains(semicolon) ? semicolon : UInt8(ascii: ",")
    guard let headings = try? CSVLine.cells(of: heading, separator: separator) else {
      throw PrivataError(.malformed, "\(file): the heading line is not readable text")
    }
    let missing = table.columns.filter { !headings.contains($0.heading) }.map(\.heading)
    guard missing.isEmpty else {
      let names = missing.joined(separator: ", ")
      throw PrivataError(.malformed, "\(file): the heading line lacks \(names)", fields: missing)
    }
    width = headings.count
    key = table.key
    columns = table.columns.compactMap { column in
      headings.firstIndex(of: column.heading).map { (cell: $0, column: column) }
    }
  }
}
