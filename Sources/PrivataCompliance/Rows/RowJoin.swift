internal import PrivataCore

/// Makes joined rows of identity and clinical ones, in either layout.
struct RowJoin {
  private(set) var rows: RowBatch
  private let columns: JoinColumns
  private let layout: RowLayout
  private let persons: PersonLookup
  private let references: [Int: PersonReference]
  private var documents: DocumentJoin

  init(
    _ separation: Separation, _ columns: JoinColumns, _ layout: RowLayout, _ persons: PersonLookup
  ) {
    self.columns = columns
    self.layout = layout
    self.persons = persons
    rows = RowBatch(width: layout == .documents ? 1 : max(columns.names.count, 1))
    documents = DocumentJoin(separation, persons: persons)
    references = Dictionary(
      columns.references.map { ($0.column, $0.reference) }, uniquingKeysWith: { first, _ in first })
  }

  /// Appends one joined row; without a clinical one its fields are missing.
  mutating func append(_ identity: RowBatch, _ row: Int, _ clinical: RowBatch, _ match: Int?) {
    switch layout {
    case .documents:
      let left = identity.bytes(of: identity.cell(row: row, column: 0))
      let right = match.map { clinical.bytes(of: clinical.cell(row: $0, column: 0)) }
      documents.join(identity: left, clinical: right)
      rows.append(.document, bytes: documents.bytes)
    case .cells:
      for source in columns.sources { append(source, identity, row, clinical, match) }
      if columns.sources.isEmpty { rows.appendNull() }
    }
  }

  private mutating func append(
    _ source: (half: Half, column: Int), _ identity: RowBatch, _ row: Int, _ clinical: RowBatch,
    _ match: Int?
  ) {
    if source.half == .identity {
      rows.append(identity.cell(row: row, column: source.column), from: identity)
    } else if let match, let reference = references[source.column] {
      let value = clinical.value(row: match, column: source.column)
      rows.append(value.map { persons.translate($0, reference) })
    } else if let match {
      rows.append(clinical.cell(row: match, column: source.column), from: clinical)
    } else {
      rows.appendNull()
    }
  }
}

/// Joined rows as they gather.
struct JoinedRows {
  var batch: RowBatch

  /// Appends the rows that match.
  mutating func append(
    _ rows: RowBatch, where filter: FilterMatcher, isFiltered: Bool, _ read: JoinRead
  ) throws(PrivataError) {
    if batch.isEmpty && !isFiltered {
      batch = rows
      return
    }
    let documents =
      isFiltered
      ? rows.documents(naming: read.columns.names, layout: read.query.layout) : []
    for row in 0..<rows.count {
      if isFiltered, try !filter.matches(documents[row]) { continue }
      batch.append(row: row, of: rows)
    }
  }
}
