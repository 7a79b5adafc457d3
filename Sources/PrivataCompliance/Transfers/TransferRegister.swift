public import PrivataCore

/// A transfer as the register keeps it.
public struct TransferRecord: Sendable, Hashable {
  /// The number under which the audit log names it.
  public let id: String
  public let at: DateTime
  public let from: Region
  /// To whom: state and organisation.
  public let country: String
  public let recipient: String
  /// The ground: `within`, `adequacy`, `standardClauses.2`, `explicitConsent` …; empty where there
  /// was none.
  public internal(set) var basis: String
  /// The decision's or the document's number.
  public internal(set) var reference: String
  /// The version of the adequacy table by which it was judged.
  public let tableVersion: String
  /// `allowed`, or the code of the refusal.
  public internal(set) var outcome: String

  init(_ transfer: Transfer, version: String) {
    id = Hexadecimal.text(SecureBytes.random(16))
    at = .now
    from = transfer.from
    country = transfer.destination.country
    recipient = transfer.destination.recipient
    basis = ""
    reference = ""
    tableVersion = version
    outcome = "allowed"
  }

  fileprivate init?(_ rows: RowBatch, _ row: Int) {
    let text = { rows.value(row: row, column: $0)?.asString }
    guard let id = text(0), case .date(let at)? = rows.value(row: row, column: 1),
      let from = text(2), let country = text(3), let recipient = text(4), let basis = text(5),
      let reference = text(6), let version = text(7), let outcome = text(8)
    else { return nil }
    self.id = id
    self.at = at
    self.from = Region(from)
    self.country = country
    self.recipient = recipient
    self.basis = basis
    self.reference = reference
    tableVersion = version
    self.outcome = outcome
  }
}

/// Keeps transfers beside the identity rows of the region that they leave.
enum TransferRegister {
  static let model = ModelSchema(
    name: "Transfer", collection: "privata_transfers",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("at", .date, isOptional: false, isIndexed: true),
      FieldSchema("region", .string, isOptional: false),
      FieldSchema("country", .string, isOptional: false),
      FieldSchema("recipient", .string, isOptional: false),
      FieldSchema("basis", .string, isOptional: false),
      FieldSchema("reference", .string, isOptional: false),
      FieldSchema("tableVersion", .string, isOptional: false),
      FieldSchema("outcome", .string, isOptional: false),
    ])

  static func add(_ record: TransferRecord, to store: any Store) async throws(PrivataError) {
    var row = RowBatch(width: model.fields.count)
    row.append(text: record.id)
    row.append(date: record.at)
    for text in [
      record.from.name, record.country, record.recipient, record.basis, record.reference,
      record.tableVersion, record.outcome,
    ] { row.append(text: text) }
    let insert = Insert(model, .cells(fields: model.fields.map(\.name), row))
    let outcome = try await store.write(.insert(insert))
    if let failure = outcome.failures.first { throw failure.error }
  }

  static func records(in store: any Store) async throws(PrivataError) -> [TransferRecord] {
    let query = Query(model, sort: [SortKey("at"), SortKey("_id")], layout: .cells)
    let rows = try await store.rows(for: query)
    return (0..<rows.count).compactMap { TransferRecord(rows, $0) }
  }

  /// How often a ground was used for a recipient since a moment.
  static func count(
    _ basis: String, _ recipient: String, _ since: DateTime, in store: any Store
  ) async throws(PrivataError) -> Int {
    let query = Query(
      model,
      where: .and([
        .compare("basis", .equal, .string(basis)),
        .compare("recipient", .equal, .string(recipient)),
        .compare("outcome", .equal, "allowed"), .compare("at", .greaterOrEqual, .date(since)),
      ]), answer: .count, layout: .cells)
    return try await store.rows(for: query).value(row: 0, column: 0)?.asInt ?? 0
  }
}
