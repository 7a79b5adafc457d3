internal import Crypto
internal import PrivataCore

/// Where erasures and their progress are kept, so that a crash at any point is only a pause.
///
/// While a saga runs its row holds, sealed, what is needed to go on: the person's key and pseudonym.
/// Afterwards it holds a keyed mark, by which a restored backup can be erased again, and the
/// certificate.
struct ErasureLedger: Sendable {
  let store: any Store
  let keys: VaultKeys
  /// Who holds the sagas that this process runs.
  let writer: UInt64

  static let model = ModelSchema(
    name: "Erasure", collection: "privata_erasures",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("mark", .string, isOptional: false, isIndexed: true),
      FieldSchema("model", .string, isOptional: false),
      FieldSchema("state", .string, isOptional: false, isIndexed: true),
      FieldSchema("openedAt", .date, isOptional: false),
      FieldSchema("leasedUntil", .date, isOptional: false),
      FieldSchema("holder", .int64, isOptional: false),
      FieldSchema("sealed", .binary), FieldSchema("certificate", .string),
    ])

  /// One saga.
  struct Entry: Sendable {
    var id: String
    var mark: String
    var model: String
    var state: ErasureState
    var openedAt: DateTime
    var sealed: [UInt8]?
    var certificate: String?
  }

  /// The mark of a person: who has the vault's key and the id can compute it, nobody can undo it.
  func mark(_ model: String, _ key: Value) -> String {
    var bytes = ByteWriter()
    bytes.append(text: model)
    var element = bytes.bytes
    BSONWriter.append(element: key.lookupKey, to: &element)
    let code = HMAC<SHA256>.authenticationCode(for: element, using: keys.tombstones)
    return code.prefix(16).reduce(into: "") { text, byte in
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }

  /// The mark of a pseudonym, which a restored clinical row is known by.
  func mark(link: String) -> String { mark("pseudonym", .string(link)) }

  // MARK: - Reading

  /// The last saga of a person.
  func last(_ mark: String) async throws(PrivataError) -> Entry? {
    var query = Query(
      Self.model, where: .compare("mark", .equal, .string(mark)),
      sort: [SortKey("openedAt", descending: true)], layout: .cells)
    query.limit = 1
    return try await entries(query).first
  }

  /// The saga of a number.
  func entry(_ id: String) async throws(PrivataError) -> Entry? {
    try await entries(
      Query(Self.model, where: .compare("_id", .equal, .string(id)), layout: .cells)
    ).first
  }

  /// The sagas that did not come to their end.
  func unfinished() async throws(PrivataError) -> [Entry] {
    try await entries(
      Query(
        Self.model, where: .compare("state", .notEqual, .string(ErasureState.attested.rawValue)),
        layout: .cells))
  }

  private func entries(_ query: Query) async throws(PrivataError) -> [Entry] {
    let rows = try await store.rows(for: query)
    return (0..<rows.count).compactMap { row in
      let text = { rows.value(row: row, column: $0)?.asString }
      guard let id = text(0), let mark = text(1), let model = text(2),
        let state = text(3).flatMap(ErasureState.init(rawValue:)),
        case .date(let openedAt)? = rows.value(row: row, column: 4)
      else { return nil }
      var entry = Entry(id: id, mark: mark, model: model, state: state, openedAt: openedAt)
      if case .binary(let sealed)? = rows.value(row: row, column: 7) { entry.sealed = sealed.bytes }
      entry.certificate = text(8)
      return entry
    }
  }

  // MARK: - Writing

  /// Opens a saga.
  ///
  /// - Throws: `duplicateKey` where another caller opened it at the same time.
  func open(_ entry: Entry) async throws(PrivataError) {
    var rows = RowBatch(width: Self.model.fields.count)
    rows.append(text: entry.id)
    rows.append(text: entry.mark)
    rows.append(text: entry.model)
    rows.append(text: entry.state.rawValue)
    rows.append(date: entry.openedAt)
    rows.append(date: DateTime(milliseconds: 0))
    rows.append(int64: 0)
    rows.append(entry.sealed.map { .binary(Binary($0)) } ?? .null)
    rows.appendNull()
    let insert = Insert(Self.model, .cells(fields: Self.model.fields.map(\.name), rows))
    let outcome = try await store.write(.insert(insert))
    if let failure = outcome.failures.first { throw failure.error }
  }

  /// Takes a saga for this caller alone, for a minute; false where another one has it.
  func lease(_ id: String) async throws(PrivataError) -> Bool {
    let now = DateTime.now
    let until = DateTime(milliseconds: now.milliseconds + 60_000)
    let free = Filter.and([
      .compare("_id", .equal, .string(id)), .compare("leasedUntil", .less, .date(now)),
    ])
    let update = Update(
      Self.model, where: free,
      .assign([
        Assignment("leasedUntil", .date(until)),
        Assignment("holder", .int64(Int64(bitPattern: writer))),
      ]), layout: .cells)
    return try await store.write(.update(update)).matched == 1
  }

  /// Frees what processes held that have ended.
  func release(heldBy writers: [UInt64]) async throws(PrivataError) {
    let held = Filter.and([
      .oneOf("holder", writers.map { .int64(Int64(bitPattern: $0)) }),
      .compare("state", .notEqual, .string(ErasureState.attested.rawValue)),
    ])
    let update = Update(
      Self.model, where: held,
      .assign([Assignment("leasedUntil", .date(DateTime(milliseconds: 0)))]), isMany: true,
      layout: .cells)
    _ = try await store.write(.update(update))
  }

  /// Gives a saga back, to be taken up after a pause.
  func release(_ id: String, after milliseconds: Int64 = 0) async throws(PrivataError) {
    let until = milliseconds == 0 ? 0 : DateTime.now.milliseconds + milliseconds
    try await set(id, [Assignment("leasedUntil", .date(DateTime(milliseconds: until)))])
  }

  /// Records how far a saga has come.
  func advance(_ id: String, to state: ErasureState, sealed: [UInt8]) async throws(PrivataError) {
    let until = DateTime(milliseconds: DateTime.now.milliseconds + 60_000)
    try await set(
      id,
      [
        Assignment("state", .string(state.rawValue)), Assignment("sealed", .binary(Binary(sealed))),
        Assignment("leasedUntil", .date(until)),
      ])
  }

  /// Ends a saga: what could name the person goes, the certificate stays.
  func attest(_ id: String, _ certificate: ErasureCertificate) async throws(PrivataError) {
    try await set(
      id,
      [
        Assignment("state", .string(ErasureState.attested.rawValue)),
        Assignment("sealed", .null), Assignment("certificate", .string(certificate.json)),
      ])
  }

  private func set(_ id: String, _ changes: [Assignment]) async throws(PrivataError) {
    let update = Update(
      Self.model, where: .compare("_id", .equal, .string(id)), .assign(changes), layout: .cells)
    _ = try await store.write(.update(update))
  }
}

/// How far an erasure has come; each step can be repeated.
enum ErasureState: String, Sendable, Hashable {
  /// Recorded; a legal hold on the whole person keeps it from beginning.
  case onHold
  /// Recorded; writes about the person are refused.
  case frozen
  /// What an exception keeps is sealed away.
  case retained
  /// Identity rows are gone.
  case identityDeleted
  /// Clinical rows are gone, or moved to the fresh pseudonym.
  case clinicalSettled
  /// The person's keys are destroyed.
  case keysDestroyed
  /// Both stores were read again and nothing was found.
  case verified
  /// The certificate is signed and stored.
  case attested
}
