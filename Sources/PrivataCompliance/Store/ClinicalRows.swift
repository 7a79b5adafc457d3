internal import PrivataCore

/// Rows of the clinical half, by pseudonym.
struct ClinicalRows: Sendable {
  let batch: RowBatch
  private var rows: [String: Int] = [:]

  init(_ batch: RowBatch, _ layout: RowLayout, _ separation: Separation) {
    self.batch = batch
    rows.reserveCapacity(batch.count)
    for row in 0..<batch.count {
      guard let link = batch.link(row: row, column: 0, .clinical, layout, separation) else {
        continue
      }
      rows[link] = row
    }
  }

  /// The row of a pseudonym.
  subscript(pseudonym: String) -> Int? { rows[pseudonym] }

  /// All pseudonyms.
  var pseudonyms: [String] { Array(rows.keys) }

  /// The pseudonyms of other people that the rows refer to.
  func references(
    _ columns: JoinColumns, _ layout: RowLayout, _ separation: Separation
  ) -> ReferencedPseudonyms {
    var found = ReferencedPseudonyms()
    guard !separation.references.isEmpty else { return found }
    for row in 0..<batch.count {
      if layout == .cells {
        for (column, reference) in columns.references {
          found.insert(batch.value(row: row, column: column), reference)
        }
      } else {
        found.insert(batch.document(row: row), separation)
      }
    }
    return found
  }
}

extension ReferencedPseudonyms {
  /// Collects from a document of the clinical store.
  mutating func insert(_ document: Document, _ separation: Separation) {
    for (name, reference) in separation.references { insert(document[name], reference) }
  }
}

extension RowBatch {
  /// The pseudonym of a row of a half.
  func link(
    row: Int, column: Int, _ half: Half, _ layout: RowLayout, _ separation: Separation
  ) -> String? {
    if layout == .cells { return value(row: row, column: column)?.asString }
    let bytes = bytes(of: cell(row: row, column: 0))
    return separation.linkRange(in: bytes, of: half).map {
      String(decoding: bytes[$0], as: UTF8.self)
    }
  }
}
