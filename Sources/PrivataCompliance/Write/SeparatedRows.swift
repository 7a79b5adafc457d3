internal import PrivataCore

/// The rows of an insert, divided: one identity row, one clinical row and one pseudonym each.
struct SeparatedRows: Sendable {
  let links: [String]
  let identity: Insert.Rows?
  let clinical: Insert.Rows?

  /// Divides documents or cells; `links` gives the pseudonym of each row.
  init(
    _ rows: Insert.Rows, _ separation: Separation, links: [String], pseudonyms: PseudonymLookup
  ) {
    self.links = links
    // The clinical rows go in the order of their pseudonyms, which is no order: who compares both
    // stores finds no pairs by position.
    let order = separation.shape == .split ? links.randomOrder : links.indices.map { $0 }
    switch rows {
    case .documents(let documents):
      var halves = DocumentHalves(separation, pseudonyms)
      for (document, link) in zip(documents, links) { halves.append(document, link) }
      identity = separation.identity.map { _ in .documents(halves.identity) }
      clinical = separation.clinical.map { _ in .documents(order.map { halves.clinical[$0] }) }
    case .cells(let fields, let batch):
      let halves = CellHalves(separation, fields, pseudonyms)
      identity = separation.identity.map { _ in halves.identity(batch, links) }
      clinical = separation.clinical.map { _ in halves.clinical(batch, links, order) }
    }
  }
}

/// Divides documents.
private struct DocumentHalves {
  var identity: [Document] = []
  var clinical: [Document] = []
  private let separation: Separation
  private let pseudonyms: PseudonymLookup

  init(_ separation: Separation, _ pseudonyms: PseudonymLookup) {
    self.separation = separation
    self.pseudonyms = pseudonyms
  }

  mutating func append(_ document: Document, _ link: String) {
    let parts = separation.separate(document)
    var identityElements = parts.identity.elements
    if let name = separation.link {
      identityElements.append(.init(key: name, value: .string(link)))
    }
    identity.append(Document(identityElements))
    var clinicalElements = separation.translate(parts.clinical, pseudonyms).elements
    if separation.shape == .split {
      clinicalElements.insert(.init(key: separation.clinicalKey, value: .string(link)), at: 0)
    }
    clinical.append(Document(clinicalElements))
  }
}

/// Divides cells.
private struct CellHalves {
  private let separation: Separation
  private let pseudonyms: PseudonymLookup
  private let identityColumns: [(name: String, column: Int)]
  private let clinicalColumns: [(name: String, column: Int)]

  init(_ separation: Separation, _ fields: [String], _ pseudonyms: PseudonymLookup) {
    self.separation = separation
    self.pseudonyms = pseudonyms
    let columns = fields.enumerated().map { (name: $1, column: $0) }
    identityColumns = columns.filter { separation.holds($0.name, in: .identity) }
    clinicalColumns = columns.filter { separation.holds($0.name, in: .clinical) }
  }

  func identity(_ batch: RowBatch, _ links: [String]) -> Insert.Rows {
    let columns = identityColumns.map(\.column)
    guard let name = separation.link else {
      return .cells(fields: identityColumns.map(\.name), batch.picking(columns: columns))
    }
    let order = links.indices.map { $0 }
    return .cells(
      fields: identityColumns.map(\.name) + [name],
      batch.picking(columns: columns, order: order, texts: links, isFirst: false))
  }

  func clinical(_ batch: RowBatch, _ links: [String], _ order: [Int]) -> Insert.Rows {
    let isSplit = separation.shape == .split
    let names = (isSplit ? [separation.clinicalKey] : []) + clinicalColumns.map(\.name)
    if isSplit, separation.references.isEmpty {
      let columns = clinicalColumns.map(\.column)
      return .cells(
        fields: names,
        batch.picking(columns: columns, order: order, texts: links, isFirst: true))
    }
    var rows = RowBatch(width: max(names.count, 1))
    for row in order {
      if isSplit { rows.append(text: links[row]) }
      for (name, column) in clinicalColumns {
        if let reference = separation.references[name] {
          let value = batch.value(row: row, column: column)
          rows.append(value.map { pseudonyms.translate($0, reference) })
        } else {
          rows.append(batch.cell(row: row, column: column), from: batch)
        }
      }
    }
    return .cells(fields: names, rows)
  }
}

extension [String] {
  /// The places of pseudonyms in the order of their first letters, which are random.
  fileprivate var randomOrder: [Int] {
    guard count > 1 else { return indices.map { $0 } }
    let letters = map { text in
      text.utf8.dropFirst(5).prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    }
    return indices.sorted { letters[$0] < letters[$1] }
  }
}

extension Separation {
  /// A document of the clinical half with pseudonyms in place of ids.
  func translate(_ document: Document, _ pseudonyms: PseudonymLookup) -> Document {
    guard !references.isEmpty else { return document }
    return Document(
      document.elements.map { element in
        guard let reference = references[element.key] else { return element }
        return .init(key: element.key, value: pseudonyms.translate(element.value, reference))
      })
  }
}

extension PseudonymLookup {
  /// The value of a field with pseudonyms in place of ids; ``unknown(in:)`` is asked before.
  func translate(_ value: Value, _ reference: PersonReference) -> Value {
    switch value {
    case .null, .undefined: value
    case .array(let items): .array(items.map { translate($0, reference) })
    default: pseudonym(of: value, reference) ?? ReferenceFilter.nobody
    }
  }

  /// The first reference that has an id without a pseudonym.
  func unknown(in ids: ReferencedIDs) -> PersonReference? {
    for (reference, values) in ids.ids {
      if values.contains(where: { pseudonym(of: $0, reference) == nil }) { return reference }
    }
    return nil
  }
}

extension ReferencedIDs {
  /// Collects the ids that records of the clinical half refer to.
  mutating func insert(_ rows: Insert.Rows, _ separation: Separation) {
    guard !separation.references.isEmpty else { return }
    switch rows {
    case .documents(let documents):
      for document in documents { insert(document, separation) }
    case .cells(let fields, let batch):
      for (column, name) in fields.enumerated() {
        guard let reference = separation.references[name] else { continue }
        for row in 0..<batch.count {
          if let value = batch.value(row: row, column: column) { insert(value, reference) }
        }
      }
    }
  }

  /// Collects the ids that one record refers to.
  mutating func insert(_ document: Document, _ separation: Separation) {
    for (name, reference) in separation.references {
      if let value = document[name] { insert(value, reference) }
    }
  }
}

extension Insert.Rows {
  /// The rows at these places, in this order.
  func picking(_ places: [Int]) -> Insert.Rows {
    switch self {
    case .documents(let documents): .documents(places.map { documents[$0] })
    case .cells(let fields, let batch):
      .cells(fields: fields, batch.picking(places, width: batch.width))
    }
  }
}
