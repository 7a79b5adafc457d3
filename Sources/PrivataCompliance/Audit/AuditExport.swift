internal import Crypto
public import PrivataCore

/// The form of an export of the log.
///
/// - `jsonLines`: one JSON object per event, with the bytes that the tree covers.
/// - `csv`: one line per event behind a heading (RFC 4180); no text begins a formula.
/// - `fhir`: one FHIR R4 `AuditEvent` resource per line, as bulk data.
/// - `cef`: one line of the Common Event Format per event, for log collectors.
/// - `ocsf`: one event of the Open Cybersecurity Schema Framework per line, class 6005.
public enum AuditExportFormat: String, Sendable, Hashable, CaseIterable {
  case jsonLines = "jsonl"
  case csv, fhir, cef, ocsf

  /// What stands before the first event; `nil` for nothing.
  var heading: String? { self == .csv ? AuditCSV.heading : nil }

  /// The line of an event, without its end.
  func line(_ stored: StoredAuditEvent) -> String {
    switch self {
    case .jsonLines: AuditJSON.line(stored)
    case .csv: AuditCSV.line(stored)
    case .fhir: AuditFHIR.line(stored)
    case .cef: AuditCEF.line(stored)
    case .ocsf: AuditOCSF.line(stored)
    }
  }
}

/// What belongs to an export: how many events, and a signed digest of its bytes, block by block, so
/// that a changed export is not only refused but the change found.
///
/// ```swift
/// let manifest = try await vault.audit.export(as: .csv) { file.write($0) }
/// try AuditExportManifest(json: manifest.json).verify(bytes, by: publicKey)
/// ```
public struct AuditExportManifest: Sendable, Hashable {
  /// The form of the lines.
  public let format: AuditExportFormat
  /// When it was made.
  public let at: DateTime
  /// How many events it holds.
  public let events: Int
  /// How many bytes it has.
  public let bytes: Int
  /// Which events were asked for, by the names of ``AuditSelection``; never a record's id.
  public let selection: Document
  /// The SHA-256 digests of its blocks of ``blockLines`` lines.
  public let blocks: [[UInt8]]
  public let signature: [UInt8]

  /// How many lines a block has; the last has fewer.
  public static let blockLines = 256

  private var statement: Document {
    Self.statement(format, at, events, bytes, selection, blocks)
  }

  private static func statement(
    _ format: AuditExportFormat, _ at: DateTime, _ events: Int, _ bytes: Int,
    _ selection: Document, _ blocks: [[UInt8]]
  ) -> Document {
    [
      "format": "privata-audit-export", "version": 1, "as": .string(format.rawValue),
      "at": .string(at.iso8601), "events": .int64(Int64(events)), "bytes": .int64(Int64(bytes)),
      "selection": .document(selection), "blocks": ProofCheck.value(blocks),
    ]
  }

  /// The manifest as JSON, to be kept beside the export.
  public var json: String {
    var whole = statement
    whole["signature"] = .string(Base64.encode(signature))
    return whole.extendedJSON(.relaxed)
  }

  /// Reads a manifest; ``verify(_:by:)`` says whether it is true.
  ///
  /// - Throws: `malformed` where the text is not exactly the JSON of a manifest.
  public init(json: String) throws(PrivataError) {
    let whole = try ProofCheck.document(json, "privata-audit-export", "manifest")
    guard let format = whole["as"]?.asString.flatMap(AuditExportFormat.init),
      let at = whole["at"]?.asString.flatMap({ DateTime(iso8601: $0) }),
      let events = whole["events"]?.asInt, let bytes = whole["bytes"]?.asInt,
      let selection = whole["selection"]?.asDocument,
      let blocks = ProofCheck.hashes(whole["blocks"]),
      let signature = whole["signature"]?.asString.flatMap(Base64.decode)
    else { throw ProofCheck.malformed("manifest") }
    self.format = format
    self.at = at
    self.events = events
    self.bytes = bytes
    self.selection = selection
    self.blocks = blocks
    self.signature = signature
    guard self.json == json else { throw ProofCheck.malformed("manifest") }
  }

  init(
    _ format: AuditExportFormat, _ selection: AuditSelection, _ digest: BlockDigest, events: Int,
    keys: VaultKeys
  ) throws(PrivataError) {
    self.format = format
    at = .now
    self.events = events
    bytes = digest.bytes
    self.selection = selection.statement
    blocks = digest.blocks
    let statement = Self.statement(format, at, events, bytes, self.selection, blocks)
    do {
      signature = Array(try keys.signing.signature(for: Self.message(statement)))
    } catch {
      throw PrivataError(.rejectedByStore, "an export could not be signed", underlying: error)
    }
  }

  private static func message(_ statement: Document) -> [UInt8] {
    Array(statement.extendedJSON(.relaxed).utf8)
  }

  /// Checks an export against the manifest, and the manifest against the key.
  ///
  /// - Parameter publicKey: the vault's key, from ``VaultAudit/publicKey``, got on another way.
  /// - Throws: `tampered`, whose message says whether the manifest or the export was changed, and in
  ///   which lines.
  public func verify(
    _ export: some Sequence<UInt8>, by publicKey: [UInt8]
  ) throws(PrivataError) {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey),
      key.isValidSignature(signature, for: Self.message(statement))
    else {
      throw ProofCheck.tampered(
        "the manifest's signature is wrong: it was changed, or another key signed it")
    }
    var digest = BlockDigest()
    digest.add(export)
    let found = digest.finished()
    for (block, wanted) in blocks.enumerated() where block >= found.count || found[block] != wanted
    {
      let first = block * Self.blockLines + 1
      throw ProofCheck.tampered(
        "the export was changed in lines \(first) to \(first + Self.blockLines - 1)")
    }
    guard found.count == blocks.count, digest.bytes == bytes else {
      throw ProofCheck.tampered("lines were added to the end of the export")
    }
  }
}

/// Digests of the lines of a text, in blocks.
struct BlockDigest: Sendable {
  private(set) var blocks: [[UInt8]] = []
  private(set) var bytes = 0
  private var hash = SHA256()
  private var lines = 0
  private var isOpen = false

  mutating func add(_ text: some Sequence<UInt8>) {
    var piece: [UInt8] = []
    for byte in text {
      piece.append(byte)
      guard byte == UInt8(ascii: "\n") else { continue }
      take(piece)
      piece.removeAll(keepingCapacity: true)
      lines += 1
      if lines.isMultiple(of: AuditExportManifest.blockLines) { close() }
    }
    if !piece.isEmpty { take(piece) }
  }

  private mutating func take(_ piece: [UInt8]) {
    hash.update(data: piece)
    bytes += piece.count
    isOpen = true
  }

  private mutating func close() {
    blocks.append(Array(hash.finalize()))
    hash = SHA256()
    isOpen = false
  }

  /// The digests of all blocks, the last one included.
  mutating func finished() -> [[UInt8]] {
    if isOpen { close() }
    return blocks
  }
}

extension AuditSelection {
  /// What was asked for, without the record.
  fileprivate var statement: Document {
    var statement = Document()
    statement["model"] = model.map { .string($0) }
    statement["action"] = action.map { .string($0.rawValue) }
    statement["actor"] = actor.map { .string($0) }
    statement["outcome"] = outcome.map { .string("\($0)") }
    statement["from"] = from.map { .string($0.iso8601) }
    statement["to"] = to.map { .string($0.iso8601) }
    statement["role"] = role.map { .string($0) }
    statement["purpose"] = purpose.map { .string($0) }
    statement["requestID"] = requestID.map { .string($0) }
    statement["ofOneRecord"] = record.map { _ in .bool(true) }
    return statement
  }
}

extension VaultAudit {
  /// Hands out the events of a selection in a format, line by line, and answers what verifies them.
  ///
  /// ```swift
  /// let manifest = try await vault.audit.export(matching: .init(model: "User"), as: .fhir) { bytes in
  ///   try file.write(contentsOf: bytes)
  /// }
  /// ```
  ///
  /// Holds a page of events in memory, however many there are.
  ///
  /// - Throws: what the audit store throws, and what `write` throws; the export ends there.
  /// - Privacy: names actors, models and fields; records as keyed references. The export is audited.
  public func export(
    matching selection: AuditSelection = .init(), as format: AuditExportFormat,
    to write: ([UInt8]) async throws -> Void
  ) async throws -> AuditExportManifest {
    var result = AuditResult()
    do {
      let manifest = try await exported(selection, format, write)
      result.count = manifest.events
      try recordReading(.auditExport, result)
      return manifest
    } catch {
      let cause = error as? PrivataError ?? PrivataError(.cancelled, "the export was given up")
      try recordReading(.auditExport, AuditResult(cause))
      throw error
    }
  }

  private func exported(
    _ selection: AuditSelection, _ format: AuditExportFormat,
    _ write: ([UInt8]) async throws -> Void
  ) async throws -> AuditExportManifest {
    try await core.drain()
    var digest = BlockDigest()
    var events = 0
    if let heading = format.heading {
      let bytes = Array((heading + "\n").utf8)
      digest.add(bytes)
      try await write(bytes)
    }
    var pages = AuditPages(core, selection)
    while let page = try await pages.next() {
      let bytes = page.flatMap { Array((format.line($0) + "\n").utf8) }
      digest.add(bytes)
      events += page.count
      try await write(bytes)
    }
    _ = digest.finished()
    return try AuditExportManifest(format, selection, digest, events: events, keys: core.keys)
  }
}
