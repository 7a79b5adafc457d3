internal import PrivataCore

/// The reading of one file, row by row.
struct RowReading {
  let layout: Layout
  let policy: ImportPolicy
  let file: String
  private(set) var result = ImportedRows()
  private var keys: Set<Value> = []

  init(layout: Layout, policy: ImportPolicy, file: String) {
    self.layout = layout
    self.policy = policy
    self.file = file
  }

  mutating func read(_ bytes: ArraySlice<UInt8>, at line: Int) {
    let cells: [String]
    do {
      cells = try CSVLine.cells(of: bytes, separator: layout.separator)
    } catch {
      return refuse(line, column: error.cell, error.reason)
    }
    guard cells.count == layout.width else {
      let reason = "has \(cells.count) cells, not \(layout.width)"
      return refuse(line, column: min(cells.count, layout.width) + 1, reason)
    }
    read(cells, at: line)
  }

  private mutating func read(_ cells: [String], at line: Int) {
    var row = ImportedRows.Row(line: line, document: Document(), unread: [:])
    var elements: [Document.Element] = []
    var found: [CellProblem] = []
    for (cell, column) in layout.columns {
      let text = cells[cell]
      let reason: String?
      if text.isEmpty {
        reason = column.isRequired ? "is empty" : nil
      } else {
        reason = take(column.read(text), of: column, text, into: &elements, &row)
      }
      guard let reason else { continue }
      found.append(
        CellProblem(
          file: file, line: line, column: cell + 1, heading: column.heading, reason: reason,
          isRefused: policy.refuses(column)))
    }
    row.document = Document(elements)
    if let key = layout.key, let value = row.document[key], !keys.insert(value).inserted {
      found.append(
        CellProblem(
          file: file, line: line, column: nil, heading: nil,
          reason: "repeats the \(key) of an earlier row", isRefused: true))
    }
    finish(row, found)
  }

  /// Puts a cell where it belongs; answers what is wrong with it.
  private func take(
    _ reading: CSVColumn.Reading, of column: CSVColumn, _ text: String,
    into elements: inout [Document.Element], _ row: inout ImportedRows.Row
  ) -> String? {
    switch reading {
    case .value(let value):
      elements.append(Document.Element(key: column.field, value: value))
      return nil
    case .doubtful(let value, let reason):
      elements.append(Document.Element(key: column.field, value: value))
      return reason
    case .unreadable(let reason):
      row.unread[column.field] = Protected(text)
      return reason
    }
  }

  /// One refusing cell refuses the row, and every problem of the row says so.
  private mutating func finish(_ row: ImportedRows.Row, _ found: [CellProblem]) {
    let isRefused = found.contains(where: \.isRefused)
    for var problem in found {
      problem.isRefused = isRefused
      result.problems.append(problem)
    }
    if isRefused { result.refused += 1 } else { result.rows.append(row) }
  }

  private mutating func refuse(_ line: Int, column: Int?, _ reason: String) {
    result.refused += 1
    result.problems.append(
      CellProblem(
        file: file, line: line, column: column, heading: nil, reason: reason, isRefused: true))
  }
}
