internal import PrivataCore

/// Joins what the two halves of an insert returned.
struct ReturnedRows {
  let separation: Separation
  let names: [String]

  init(_ separation: Separation, _ names: [String]) {
    self.separation = separation
    self.names = names
  }

  /// The rows in the identity half's order. Its batch ends with the pseudonym, the clinical one
  /// begins with it.
  func join(identity: RowBatch, clinical: RowBatch?) -> RowBatch {
    var places: [String: Int] = [:]
    for row in 0..<(clinical?.count ?? 0) {
      if let link = clinical?.value(row: row, column: 0)?.asString { places[link] = row }
    }
    var rows = RowBatch(width: max(names.count, 1))
    for row in 0..<identity.count {
      let link = identity.value(row: row, column: identity.width - 1)?.asString
      append(row, of: identity, link.flatMap { places[$0] }, of: clinical, to: &rows)
    }
    return rows
  }

  private func append(
    _ row: Int, of identity: RowBatch, _ match: Int?, of clinical: RowBatch?,
    to rows: inout RowBatch
  ) {
    var left = 0
    var right = 1
    for name in names {
      if separation.holds(name, in: .identity) {
        rows.append(identity.cell(row: row, column: left), from: identity)
        left += 1
      } else {
        if let clinical, let match {
          rows.append(clinical.cell(row: match, column: right), from: clinical)
        } else {
          rows.appendNull()
        }
        right += 1
      }
    }
  }
}
