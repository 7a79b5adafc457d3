internal import Crypto
public import PrivataCore
internal import Synchronization

/// What a person added to a field that they dispute. The field keeps its value.
///
/// Source: GDPR Article 16, second sentence.
public struct SupplementaryStatement: Sendable, Hashable {
  /// The field, what the person says about it, and since when.
  public let model: String
  public let field: String
  public let text: String
  public let at: DateTime
}

extension SupplementaryStatement {
  var value: Value {
    [
      "model": .string(model), "field": .string(field), "statement": .string(text),
      "at": .string(at.iso8601),
    ]
  }
}

/// Statements of persons, and proofs of corrections that hold no value: both under the pseudonym, in
/// the store of the field, sealed under a key of the person.
struct StatementLedger: Sendable {
  let core: VaultCore

  enum Kind: String, Sendable { case statement, correction }

  static let model = ModelSchema(
    name: "Statement", collection: "privata_statements",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("subject", .string, isOptional: false, isIndexed: true),
      FieldSchema("kind", .string, isOptional: false),
      FieldSchema("model", .string, isOptional: false),
      FieldSchema("field", .string, isOptional: false),
      FieldSchema("at", .date, isOptional: false),
      FieldSchema("sealed", .binary, isOptional: false),
    ])

  /// Where the key store has the persons' keys for it.
  static let keyStore = "statement"

  struct Row: Sendable {
    let id: String
    let model: String
    let field: String
    let at: DateTime
    let sealed: [UInt8]
  }

  private func store(_ half: Half) -> any Store {
    half == .identity ? core.identityStore : core.clinicalStore
  }

  private func prepare() async throws(PrivataError) {
    if core.statementsAreReady.load(ordering: .acquiring) { return }
    try await core.identityStore.prepare([Self.model])
    if !core.isOneStore { try await core.clinicalStore.prepare([Self.model]) }
    core.statementsAreReady.store(true, ordering: .releasing)
  }

  /// Adds something about a field of a person.
  func add(
    _ kind: Kind, _ link: String, _ model: String, _ field: String, _ half: Half, _ body: [UInt8]
  ) async throws(PrivataError) {
    try await prepare()
    let id = Hexadecimal.text(SecureBytes.random(16))
    var row = RowBatch(width: Self.model.fields.count)
    for text in [id, link, kind.rawValue, model, field] { row.append(text: text) }
    row.append(date: .now)
    row.append(.bytes, bytes: try await seal(body, id, link))
    let insert = Insert(Self.model, .cells(fields: Self.model.fieldNames, row))
    let outcome = try await store(half).write(.insert(insert))
    if let failure = outcome.failures.first { throw failure.error }
  }

  /// What there is about a person, oldest first.
  func rows(_ kind: Kind, _ link: String) async throws(PrivataError) -> [Row] {
    try await prepare()
    let own = Filter.and([
      .compare("subject", .equal, .string(link)), .compare("kind", .equal, .string(kind.rawValue)),
    ])
    var found: [Row] = []
    for half in Half.allCases where half == .identity || !core.isOneStore {
      let rows = try await store(half).rows(
        for: Query(Self.model, where: own, sort: [SortKey("at")], layout: .cells))
      for row in 0..<rows.count {
        let text = { rows.value(row: row, column: $0)?.asString }
        guard let id = text(0), let model = text(3), let field = text(4),
          case .date(let at)? = rows.value(row: row, column: 5),
          let sealed = rows.value(row: row, column: 6)?.asBytes
        else { continue }
        found.append(Row(id: id, model: model, field: field, at: at, sealed: sealed))
      }
    }
    return found
  }

  /// Removes everything about a person.
  func erase(_ link: String) async throws(PrivataError) {
    try await prepare()
    let own = Filter.compare("subject", .equal, .string(link))
    for half in Half.allCases where half == .identity || !core.isOneStore {
      _ = try await store(half).write(.delete(Delete(Self.model, where: own, layout: .cells)))
    }
    if let keys = core.subjectKeys { _ = try await keys.shred(link, in: [Self.keyStore]) }
  }

  // MARK: - Sealing

  private func seal(
    _ bytes: [UInt8], _ id: String, _ link: String
  ) async throws(PrivataError) -> [UInt8] {
    guard let keys = core.subjectKeys else { return try JournalSeal(core.keys).seal(bytes, id: id) }
    guard let key = try await keys.sealing([link: 1], store: Self.keyStore)[link] else {
      throw PrivataError(.keyUnavailable, "there is no key for the person's statement")
    }
    return key.id.bytes + (try JournalSeal(key.secret).seal(bytes, id: id))
  }

  func open(_ row: Row) async throws(PrivataError) -> [UInt8] {
    guard let keys = core.subjectKeys else {
      return try JournalSeal(core.keys).open(row.sealed, id: row.id)
    }
    guard let id = KeyID(.binary(Binary(Array(row.sealed.prefix(16))))),
      let key = try await keys.keys([id])[id]
    else { throw PrivataError(.unknownKey, "a statement names a key that was never there") }
    return try JournalSeal(key.secret).open(Array(row.sealed.dropFirst(16)), id: row.id)
  }

  // MARK: - Digests

  /// What proves a value without holding it: a keyed hash, different for each correction.
  func digest(_ value: Value, salt: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    BSONWriter.append(element: value.lookupKey, to: &bytes)
    return Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: salt)))
  }
}
