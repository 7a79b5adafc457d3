import PrivataCore

/// How the documents of a reply become rows.
struct RowShape: Sendable {
  let width: Int
  private let columns: DocumentColumns?
  private let naming: FieldNaming

  /// The rows of that layout, of the projection's fields or of all.
  init(_ layout: RowLayout, _ projection: Projection, _ target: Target) throws(PrivataError) {
    naming = target.naming
    guard layout == .cells else {
      width = 1
      columns = nil
      return
    }
    let names: [String]
    switch projection {
    case .fields(let fields): names = fields
    case .all: names = target.model?.fields.map(\.name) ?? []
    case .document:
      throw PrivataError(.badArgument, "rows of cells take a list of fields as projection")
    }
    guard !names.isEmpty else {
      throw PrivataError(.badArgument, "rows of cells need at least one field")
    }
    width = names.count
    columns = DocumentColumns(
      names.map { target.naming.path($0) }, absentIsNull: target.model?.isOpen == false)
  }

  /// The documents as the server sends them.
  static let raw = RowShape()

  private init() {
    naming = .identity
    width = 1
    columns = nil
  }

  /// Appends the documents of a BSON array.
  func append(_ array: Span<UInt8>, to batch: inout RowBatch) {
    if let columns { return batch.append(recordsOf: array, columns: columns) }
    if naming.isIdentity { return batch.append(documentsOf: array) }
    var element = BSONIterator(array)
    while element.next() { append(document: element.nested, to: &batch) }
  }

  /// Appends one document.
  func append(document: Span<UInt8>, to batch: inout RowBatch) {
    if let columns { return batch.append(record: document, columns: columns) }
    if naming.isIdentity { return batch.append(documentBytes: document) }
    batch.append(.document, bytes: naming.record(Document(copying: document)).bson)
  }
}
