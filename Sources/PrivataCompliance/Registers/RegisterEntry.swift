internal import Crypto
internal import PrivataCore

/// One fact that a register holds: a purpose with its legal basis, a recipient, a breach, a decision.
/// Entries are only ever added; a change is the next version under the same name.
struct RegisterEntry: Sendable, Hashable {
  enum Register: String, Sendable, Hashable, CaseIterable {
    case purpose, compatibility, recipient, processor, notice, assessment, suppression
    case disclosure, informed, identity, decision, breach, breachNotice, fee, expiry
    case verified, erased

    /// The registers that every process keeps in memory, because queries are checked against them.
    static let known: Set<Register> = [
      .purpose, .compatibility, .recipient, .processor, .notice, .assessment, .suppression,
    ]
  }

  let register: Register
  let name: String
  let version: Int
  /// The person, as a keyed mark; empty where the entry is about nobody.
  let subject: String
  let at: DateTime
  let actor: String
  let facts: Document

  /// One entry per name and version: two writers cannot both add the next one.
  var id: String { "\(register.rawValue)/\(name)/\(version)" }

  static let model = ModelSchema(
    name: "RegisterEntry", collection: "privata_registers",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("register", .string, isOptional: false, isIndexed: true),
      FieldSchema("name", .string, isOptional: false, isIndexed: true),
      FieldSchema("version", .int64, isOptional: false),
      FieldSchema("subject", .string, isOptional: false, isIndexed: true),
      FieldSchema("at", .date, isOptional: false),
      FieldSchema("actor", .string, isOptional: false),
      FieldSchema("sealed", .binary, isOptional: false),
    ])

  /// What is in the clear beside the sealed facts, so that none of it can be changed.
  var authenticated: [UInt8] {
    var writer = ByteWriter()
    for text in [id, subject, actor] { writer.append(text: text) }
    writer.append(fixed: at.milliseconds)
    return writer.bytes
  }

  /// The entry as a row.
  func row(_ seal: RegisterSeal) throws(PrivataError) -> RowBatch {
    var row = RowBatch(width: Self.model.fields.count)
    for text in [id, register.rawValue, name] { row.append(text: text) }
    row.append(int64: Int64(version))
    row.append(text: subject)
    row.append(date: at)
    row.append(text: actor)
    row.append(.bytes, bytes: try seal.seal(facts, authenticating: authenticated))
    return row
  }

  /// The entry of a row.
  ///
  /// - Throws: `tampered` where the row was changed, or sealed under another master key.
  init(_ rows: RowBatch, _ row: Int, _ seal: RegisterSeal) throws(PrivataError) {
    let text = { rows.value(row: row, column: $0)?.asString }
    guard let register = text(1).flatMap(Register.init), let name = text(2),
      let version = rows.value(row: row, column: 3)?.asInt, let subject = text(4),
      case .date(let at)? = rows.value(row: row, column: 5), let actor = text(6),
      case .binary(let sealed)? = rows.value(row: row, column: 7)
    else { throw PrivataError(.corrupt, "an entry of the vault's registers is damaged") }
    let bare = RegisterEntry(
      register: register, name: name, version: version, subject: subject, at: at, actor: actor,
      facts: [:])
    let facts = try seal.open(sealed.bytes, authenticating: bare.authenticated, of: bare.id)
    self.init(
      register: register, name: name, version: version, subject: subject, at: at, actor: actor,
      facts: facts)
  }

  init(
    register: Register, name: String, version: Int, subject: String, at: DateTime, actor: String,
    facts: Document
  ) {
    self.register = register
    self.name = name
    self.version = version
    self.subject = subject
    self.at = at
    self.actor = actor
    self.facts = facts
  }
}

/// Encrypts what registers hold: texts that people wrote may name somebody.
///
/// AES-256-GCM; what stands beside the facts in the clear is authenticated with them.
struct RegisterSeal: Sendable {
  private let key: SymmetricKey
  private let marks: SymmetricKey

  init(_ keys: VaultKeys) {
    key = Self.derived(keys, "registers")
    marks = Self.derived(keys, "register-marks")
  }

  private static func derived(_ keys: VaultKeys, _ use: String) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: keys.tombstones, info: Array("privata/1/\(use)".utf8), outputByteCount: 32)
  }

  func seal(_ facts: Document, authenticating: [UInt8]) throws(PrivataError) -> [UInt8] {
    do {
      let box = try AES.GCM.seal(facts.bson, using: key, authenticating: authenticating)
      // A nonce of the usual size always has the combined form.
      guard let combined = box.combined else { return [] }
      return Array(combined)
    } catch {
      throw PrivataError(.rejectedByStore, "an entry could not be sealed", underlying: error)
    }
  }

  func open(
    _ bytes: [UInt8], authenticating: [UInt8], of id: String
  ) throws(PrivataError) -> Document {
    let plain: [UInt8]
    do {
      let box = try AES.GCM.SealedBox(combined: bytes)
      plain = Array(try AES.GCM.open(box, using: key, authenticating: authenticating))
    } catch {
      throw PrivataError(
        .tampered,
        "the entry \(id) of the vault's registers does not open: changed bytes, or another "
          + "master key")
    }
    return try Document(bson: plain)
  }

  /// A mark of a text that only this vault can make, and nobody can undo.
  func mark(_ use: String, _ text: String) -> String {
    var writer = ByteWriter()
    writer.append(text: use)
    writer.append(text: text)
    let code = HMAC<SHA256>.authenticationCode(for: writer.bytes, using: marks)
    return Hexadecimal.text(code.prefix(16))
  }

  /// True where a text has this mark; takes as long for a wrong text as for the right one.
  func isMark(_ mark: String, _ use: String, of text: String) -> Bool {
    let wanted = Array(mark.utf8)
    let given = Array(self.mark(use, text).utf8)
    guard wanted.count == given.count else { return false }
    return zip(wanted, given).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
