internal import Crypto
internal import PrivataCore
internal import Synchronization

/// What erasures kept, sealed and apart from live tables: each half of a record in the store of that
/// half, under a key of its own where the vault encrypts.
struct RetainedArchive: Sendable {
  let core: VaultCore

  static let model = ModelSchema(
    name: "RetainedRecord", collection: "privata_retained",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("mark", .string, isOptional: false, isIndexed: true),
      FieldSchema("model", .string, isOptional: false),
      FieldSchema("fields", .string), FieldSchema("ground", .string, isOptional: false),
      FieldSchema("until", .date, isIndexed: true), FieldSchema("matter", .string),
      FieldSchema("at", .date, isOptional: false), FieldSchema("sealed", .binary),
    ])

  /// One half of one record that is kept.
  struct Row: Sendable {
    let id: String
    let mark: String
    let model: String
    let fields: [String]?
    let ground: ExceptionGround
    let until: DateTime?
    let matter: String?
    let sealed: [UInt8]
    let half: Half
  }

  /// Makes the tables, once.
  func prepare() async throws(PrivataError) {
    if core.archiveIsReady.load(ordering: .acquiring) { return }
    try await core.identityStore.prepare([Self.model])
    if !core.isOneStore { try await core.clinicalStore.prepare([Self.model]) }
    core.archiveIsReady.store(true, ordering: .releasing)
  }

  private func store(_ half: Half) -> any Store {
    half == .identity ? core.identityStore : core.clinicalStore
  }

  // MARK: - Keeping

  /// Puts a record away; repeated, it is there already.
  ///
  /// - Parameter until: when the record's own exception ends.
  func keep(
    _ record: Document, _ separation: Separation, _ exception: ErasureException,
    until: DateTime?, mark: String
  ) async throws(PrivataError) {
    let key = separation.model.key.name
    let names = exception.scope.fields
    for half in Half.allCases {
      var part = Document()
      for element in record.elements {
        guard names?.contains(element.key) ?? true || element.key == key,
          separation.holds(element.key, in: half), element.key != separation.link
        else { continue }
        part[element.key] = element.value
      }
      guard part.keys.contains(where: { $0 != key }) else { continue }
      if part[key] == nil { part[key] = record[key] }
      let id = id(mark, separation.model.name, record[key] ?? .null, half, exception)
      try await insert(
        id: id, part, separation.model.name, exception, until: until, mark: mark, half)
    }
  }

  private func insert(
    id: String, _ part: Document, _ model: String, _ exception: ErasureException,
    until: DateTime?, mark: String, _ half: Half
  ) async throws(PrivataError) {
    let sealed = try await seal(part.bson, id: id)
    var row = RowBatch(width: Self.model.fields.count)
    row.append(text: id)
    row.append(text: mark)
    row.append(text: model)
    row.append(exception.scope.fields.map { .string($0.joined(separator: ",")) } ?? Value.null)
    row.append(text: exception.ground.rawValue)
    row.append(until.map { .date($0) } ?? Value.null)
    row.append(exception.matter.map { .string($0) } ?? Value.null)
    row.append(date: .now)
    row.append(.bytes, bytes: sealed)
    let insert = Insert(
      Self.model, .cells(fields: Self.model.fields.map(\.name), row), onConflict: .ignore(["_id"]))
    let outcome = try await store(half).write(.insert(insert))
    if let failure = outcome.failures.first { throw failure.error }
  }

  /// The name of a part: the same one whenever the step is repeated, and nobody's.
  private func id(
    _ mark: String, _ model: String, _ key: Value, _ half: Half, _ exception: ErasureException
  ) -> String {
    var bytes = ByteWriter()
    for text in [
      mark, model, half.rawValue, exception.ground.rawValue, exception.matter ?? "",
      exception.scope.fields?.joined(separator: ",") ?? "*",
    ] { bytes.append(text: text) }
    var all = bytes.bytes
    BSONWriter.append(element: key.lookupKey, to: &all)
    let code = HMAC<SHA256>.authenticationCode(for: all, using: core.keys.tombstones)
    return Hexadecimal.text(Array(code.prefix(16)))
  }

  // MARK: - Sealing

  /// Apart from the stores' own keys, which rotate with the rows that they seal.
  private static let keyStore = "retained"

  /// The name under which the key store has the key of a part.
  private func keyName(_ id: String) -> String { "retained:\(id)" }

  private func seal(_ bytes: [UInt8], id: String) async throws(PrivataError) -> [UInt8] {
    guard let keys = core.subjectKeys else { return try JournalSeal(core.keys).seal(bytes, id: id) }
    let name = keyName(id)
    guard let key = try await keys.sealing([name: 1], store: Self.keyStore)[name] else {
      throw PrivataError(.keyUnavailable, "there is no key for what is to be kept")
    }
    return key.id.bytes + (try JournalSeal(key.secret).seal(bytes, id: id))
  }

  /// What a row holds.
  ///
  /// - Throws: `keyShredded`, `corrupt`.
  func open(_ row: Row) async throws(PrivataError) -> Document {
    guard let keys = core.subjectKeys else {
      return try Document(bson: try JournalSeal(core.keys).open(row.sealed, id: row.id))
    }
    guard let id = KeyID(.binary(Binary(Array(row.sealed.prefix(16))))),
      let key = try await keys.keys([id])[id]
    else { throw PrivataError(.unknownKey, "what was kept names a key that was never there") }
    let bytes = try JournalSeal(key.secret).open(Array(row.sealed.dropFirst(16)), id: row.id)
    return try Document(bson: bytes)
  }

  // MARK: - Finding

  /// What is kept of a person.
  func rows(_ filter: Filter) async throws(PrivataError) -> [Row] {
    try await prepare()
    var found: [Row] = []
    for half in Half.allCases where half == .identity || !core.isOneStore {
      let batch = try await store(half).rows(
        for: Query(Self.model, where: filter, sort: [SortKey("_id")], layout: .cells))
      for row in 0..<batch.count {
        if let one = Row(batch, row, half) { found.append(one) }
      }
    }
    return found
  }

  /// Destroys rows with their keys.
  func destroy(_ rows: [Row]) async throws(PrivataError) {
    for row in rows {
      if let keys = core.subjectKeys {
        _ = try await keys.shred(keyName(row.id), in: [Self.keyStore])
      }
      let own = Filter.compare("_id", .equal, .string(row.id))
      _ = try await store(row.half).write(.delete(Delete(Self.model, where: own, layout: .cells)))
    }
  }
}

extension RetainedArchive.Row {
  fileprivate init?(_ batch: RowBatch, _ row: Int, _ half: Half) {
    let text = { batch.value(row: row, column: $0)?.asString }
    guard let id = text(0), let mark = text(1), let model = text(2), let ground = text(4),
      let sealed = batch.value(row: row, column: 8)?.asBytes
    else { return nil }
    var until: DateTime?
    if case .date(let date)? = batch.value(row: row, column: 5) { until = date }
    self.init(
      id: id, mark: mark, model: model,
      fields: text(3).map { $0.split(separator: ",").map(String.init) },
      ground: ExceptionGround(rawValue: ground), until: until, matter: text(6), sealed: sealed,
      half: half)
  }
}
