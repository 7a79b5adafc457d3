internal import Crypto
public import PrivataCore

/// A copy that waits to be fetched.
public struct PackageTicket: Sendable, Hashable {
  /// What fetches the copy, once: it holds the key, which nothing else does, and no name. It goes to
  /// the person by a channel that is theirs.
  public let token: String
  /// Until when.
  public let expiresAt: DateTime
  /// 1 for the first copy within a year, which is free; a fee may be asked for further ones.
  ///
  /// Source: GDPR Article 15(3).
  public let copyNumber: Int

  /// True for the copy that costs nothing.
  public var isFree: Bool { copyNumber == 1 }
}

/// Copies of persons' data for download: encrypted under a key of each delivery, in files apart from
/// the stores, gone after the first download, at their end, or with the person.
///
/// ```swift
/// let ticket = try await vault.packages.prepare(id, of: user, .json, expiresIn: .seconds(86_400))
/// let text = try vault.packages.open(ticket.token)   // once
/// ```
///
/// - Privacy: the files name nobody; preparing and fetching are audited.
///
/// Source: GDPR Articles 12(3), 15(3) and 20.
public struct DataPackages: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var folder: String { core.directory + "/packages" }
  private var actor: AccessContext { context ?? AccessContext.current ?? .service }

  // MARK: - Out

  /// Makes a copy.
  ///
  /// - Throws: `notFound`; `subjectFrozen` where the person is erased meanwhile: no copy is left.
  public func prepare(
    _ id: some FieldValue, of model: ModelSchema, _ format: PortableFormat,
    expiresIn duration: Duration
  ) async throws(PrivataError) -> PackageTicket {
    let gdpr = GDPR(core: core, context: context, model: model)
    let earlier = try await copies(of: id.value, model)
    var text = ""
    for try await chunk in try gdpr.exportStream(id, format) { text += chunk.text }
    let milliseconds = duration.components.seconds * 1_000
    let expiresAt = DateTime(milliseconds: DateTime.now.milliseconds + milliseconds)
    let name = SecureBytes.random(16)
    let key = SecureBytes.random(32)
    let path = "\(folder)/\(Hexadecimal.text(name))"
    let header = Header(mark: core.ledger.mark(model.name, id.value), expiresAt: expiresAt)
    try FileSystem.makeDirectory(folder)
    _ = try FileSystem.create(path, header.bytes + seal(Array(text.utf8), key, header))
    // An erasure that began after the last page was read has not seen the file.
    let graph = try SubjectGraph(model, core.registry)
    guard !core.fences.holds(id.value, of: model.name),
      try await core.session.subject(id.value, graph) != nil
    else {
      FileSystem.remove(path)
      throw PrivataError(
        .subjectFrozen, "the person is being erased: nothing is handed out", model: model.name)
    }
    try record("gdpr.package", model.name, core.references.reference(to: id.value, of: model.name))
    return PackageTicket(
      token: Base64.encode(name + key).replacing("+", with: "-").replacing("/", with: "_"),
      expiresAt: expiresAt, copyNumber: earlier + 1)
  }

  /// How many copies were made for a person within a year.
  private func copies(of key: Value, _ model: ModelSchema) async throws(PrivataError) -> Int {
    let year = DateTime(milliseconds: DateTime.now.milliseconds - 365 * 86_400_000)
    return try await VaultAudit(core: core).count(
      matching: .init(
        model: model.name, action: .init(rawValue: "gdpr.package"), from: year, record: key))
  }

  /// The copy of a token. It can be fetched once.
  ///
  /// - Throws: `malformed` for a text that is no token; `notFound` for a copy that was fetched, has
  ///   expired, or went with the person; `tampered` where the file was changed.
  public func open(_ token: String, now: DateTime = .now) throws(PrivataError) -> String {
    let plain = token.replacing("-", with: "+").replacing("_", with: "/")
    guard let bytes = Base64.decode(plain), bytes.count == 48 else {
      throw PrivataError(.malformed, "the text is no token of a copy")
    }
    let path = "\(folder)/\(Hexadecimal.text(bytes.prefix(16)))"
    let taken = path + ".taken"
    // Two that come at once: one of them renames the file.
    do { try FileSystem.rename(path, to: taken) } catch { throw Self.gone }
    defer { FileSystem.remove(taken) }
    guard let file = try FileSystem.read(taken), let header = Header(file), header.expiresAt > now
    else { throw Self.gone }
    let text = try unseal(Array(file.dropFirst(Header.count)), Array(bytes.suffix(32)), header)
    try record("gdpr.package.fetch", "")
    return String(decoding: text, as: UTF8.self)
  }

  private static let gone = PrivataError(
    .notFound, "the copy was fetched before, or is not there any more: ask for another one")

  // MARK: - Away

  /// Removes the copies whose time is over, and answers how many.
  @discardableResult
  public func removeExpired(now: DateTime = .now) throws(PrivataError) -> Int {
    try remove { $0.expiresAt <= now }
  }

  /// Removes the copies of a person.
  func remove(of mark: String) throws(PrivataError) { _ = try remove { $0.mark == mark } }

  private func remove(_ isGone: (Header) -> Bool) throws(PrivataError) -> Int {
    var count = 0
    for name in FileSystem.names(in: folder) {
      let path = "\(folder)/\(name)"
      guard let file = try FileSystem.read(path), let header = Header(file), isGone(header) else {
        continue
      }
      FileSystem.remove(path)
      count += 1
    }
    return count
  }

  // MARK: - Sealing

  private func seal(
    _ bytes: [UInt8], _ key: [UInt8], _ header: Header
  ) throws(PrivataError) -> [UInt8] {
    do {
      let box = try AES.GCM.seal(
        bytes, using: SymmetricKey(data: key), authenticating: header.bytes)
      // A nonce of the usual size always has the combined form.
      guard let combined = box.combined else { return [] }
      return Array(combined)
    } catch {
      throw PrivataError(.rejectedByStore, "the copy could not be sealed", underlying: error)
    }
  }

  private func unseal(
    _ bytes: [UInt8], _ key: [UInt8], _ header: Header
  ) throws(PrivataError) -> [UInt8] {
    do {
      let box = try AES.GCM.SealedBox(combined: bytes)
      return Array(
        try AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: header.bytes))
    } catch {
      throw PrivataError(.tampered, "the copy was changed, or the token is another one's")
    }
  }

  private func record(
    _ action: String, _ model: String, _ reference: RecordReference? = nil
  ) throws(PrivataError) {
    let scope = AuditCoding.scope(
      .init(rawValue: action), model: model, fields: [], filterFields: [])
    try core.recorder.record(
      actor, scope: scope,
      result: AuditResult(count: 1, records: reference.map { [$0] } ?? []), isPersonal: true)
  }

  /// What a file begins with: whose it is, as a keyed mark, and until when.
  private struct Header {
    static let count = 4 + 32 + 8
    private static let magic = Array("PVP1".utf8)

    let mark: String
    let expiresAt: DateTime

    init(mark: String, expiresAt: DateTime) {
      self.mark = mark
      self.expiresAt = expiresAt
    }

    init?(_ file: [UInt8]) {
      guard file.count > Self.count, Array(file.prefix(4)) == Self.magic else { return nil }
      mark = String(decoding: file[4..<36], as: UTF8.self)
      let number = file[36..<44].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      expiresAt = DateTime(milliseconds: Int64(bitPattern: number))
    }

    var bytes: [UInt8] {
      let number = UInt64(bitPattern: expiresAt.milliseconds)
      let time = (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
      return Self.magic + Array(mark.utf8) + time
    }
  }
}

extension Vault {
  /// Copies of persons' data that wait to be fetched.
  public var packages: DataPackages { DataPackages(core: core, context: context) }
}
