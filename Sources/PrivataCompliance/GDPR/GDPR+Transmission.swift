internal import Crypto
public import PrivataCore

/// Another controller, to whom a person has their data sent.
public struct TransmissionReceiver: Sendable, Hashable {
  /// Who and where it is.
  public var destination: TransferDestination
  /// Its key, from ``TransmissionKey/publicKey``, got on a way that can be trusted.
  public var publicKey: [UInt8]
  /// On what data goes to its state, where that is no matter of course.
  public var basis: TransferBasis?

  /// A receiver with its key.
  public init(
    _ destination: TransferDestination, publicKey: [UInt8], basis: TransferBasis? = nil
  ) {
    self.destination = destination
    self.publicKey = publicKey
    self.basis = basis
  }
}

/// The way on which parts go: a request, a queue, a folder.
public protocol TransmissionChannel: Sendable {
  /// Brings one part; the same number can come again.
  ///
  /// - Throws: anything where the receiver does not have it; the transmission can be resumed then.
  func send(_ part: [UInt8], number: Int, of transmission: String) async throws

  /// Brings what shows that the parts are all, and unchanged.
  func finish(_ manifest: SignedStatement, of transmission: String) async throws
}

/// How far a transmission came.
public struct Transmission: Sendable {
  /// Its number, and how many parts the receiver has.
  public let id: String
  public let parts: Int
  /// Goes on behind the last part; `nil` once it is complete.
  public let resumption: String?
  /// A copy for download, where sending is not feasible and one was asked for.
  public let download: PackageTicket?

  /// True once the receiver has everything.
  public var isComplete: Bool { resumption == nil && download == nil }
}

extension GDPR {
  /// Sends what a person provided to another controller, encrypted to its key: parts, then a signed
  /// manifest with the hash of each.
  ///
  /// ```swift
  /// let sent = try await User.gdpr.transmit(id, to: receiver, through: channel)
  /// if let token = sent.resumption { try await User.gdpr.transmit(id, to: receiver, through: channel, resuming: token) }
  /// ```
  ///
  /// - Parameters:
  ///   - token: goes on with a transmission that was interrupted.
  ///   - expiry: makes a copy for download where not even the first part can be sent.
  /// - Throws: `transferRefused` where data may not go to the receiver's state: nothing has left then;
  ///   `badArgument` for a key that is none; `malformed` for a token that is none; `subjectFrozen` once
  ///   the person is erased; as ``exportStream(_:_:after:batch:)``.
  /// - Privacy: the fields of ``rightToPortability(_:)``; written down as a transfer and audited.
  ///
  /// Source: GDPR Article 20(2).
  public func transmit(
    _ id: some FieldValue, to receiver: TransmissionReceiver,
    through channel: any TransmissionChannel, from region: Region = .eu,
    resuming token: String? = nil, downloadExpiresIn expiry: Duration? = nil, batch: Int = 1_000
  ) async throws(PrivataError) -> Transmission {
    if let there = try await elsewhere(id.value) {
      return try await there.transmit(
        id, to: receiver, through: channel, from: region, resuming: token,
        downloadExpiresIn: expiry, batch: batch)
    }
    try checkCaller(Self.transmission)
    _ = try await core.transfers.authorise(
      Transfer(from: region, to: receiver.destination, basis: receiver.basis, model: model.name),
      actor)
    var state = try TransmissionState(token, core.keys)
    let sealing = try TransmissionSealing(state.secret, receiver.publicKey)
    var isSent = try await send(id.value, batch, &state, sealing, channel)
    if isSent {
      let manifest = try SignedStatement(
        "transmission", state.manifest(sealing, receiver), keys: core.keys)
      let number = state.id
      isSent = await Self.brings { try await channel.finish(manifest, of: number) }
    }
    let result = AuditResult(
      count: state.hashes.count,
      records: [core.references.reference(to: id.value, of: model.name)],
      outcome: isSent ? .success : .failed, subjectOf: state.id)
    try core.record(Self.transmission.rawValue, actor, model: model.name, result: result)
    var download: PackageTicket?
    if !isSent, state.hashes.isEmpty, let expiry {
      download = try await DataPackages(core: core, context: context)
        .prepare(id, of: model, .json, expiresIn: expiry)
    }
    let resumption: String? = try isSent ? nil : state.token(core.keys)
    return Transmission(
      id: state.id, parts: state.hashes.count, resumption: resumption, download: download)
  }

  private static let transmission = AuditEvent.Action(rawValue: "gdpr.portability.transmit")

  /// Sends the parts that are still to be sent; false where the receiver did not take one.
  private func send(
    _ key: Value, _ batch: Int, _ state: inout TransmissionState, _ sealing: TransmissionSealing,
    _ channel: any TransmissionChannel
  ) async throws(PrivataError) -> Bool {
    if state.isWhole { return true }
    var iterator = try exportStream(key, .json, after: state.place, batch: batch)
      .makeAsyncIterator()
    while let chunk = try await iterator.next() {
      let (number, transmission) = (state.hashes.count, state.id)
      let part = try sealing.seal(Array(chunk.text.utf8), transmission, number)
      let isTaken = await Self.brings {
        try await channel.send(part, number: number, of: transmission)
      }
      guard isTaken else { return false }
      state.hashes.append(Hexadecimal.text(SHA256.hash(data: part)))
      state.place = chunk.token
    }
    state.isWhole = true
    return true
  }

  private static func brings(_ body: () async throws -> Void) async -> Bool {
    do { try await body() } catch { return false }
    return true
  }
}

/// A receiver's key pair: what was sent to it can be opened by nobody else.
///
/// ```swift
/// let key = TransmissionKey()
/// let text = try key.open(parts, manifest, sentBy: senderKey)
/// ```
public struct TransmissionKey: Sendable {
  private let key: Curve25519.KeyAgreement.PrivateKey

  /// A new key.
  public init() { key = Curve25519.KeyAgreement.PrivateKey() }

  /// A key from its 32 bytes.
  ///
  /// - Throws: `badArgument` for other bytes.
  public init(bytes: [UInt8]) throws(PrivataError) {
    guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes) else {
      throw PrivataError(.badArgument, "a key has 32 bytes", fields: ["bytes"])
    }
    self.key = key
  }

  /// The secret, to be kept; and what senders get.
  public var bytes: [UInt8] { Array(key.rawRepresentation) }
  public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

  /// The data that was sent, as ``PortableFormat/json``.
  ///
  /// - Parameter sender: the sender's ``VaultAudit/publicKey``, got on a way that can be trusted.
  /// - Throws: `tampered`, which says whether the manifest or which part is not what was signed;
  ///   `unknownKey` where it was sent to somebody else.
  public func open(
    _ parts: [[UInt8]], _ manifest: SignedStatement, sentBy sender: [UInt8]
  ) throws(PrivataError) -> String {
    let facts = manifest.statement
    guard manifest.kind == "transmission", manifest.isValid(publicKey: sender),
      let id = facts["transmission"]?.asString, let hashes = facts["hashes"]?.asArray,
      let point = facts["key"]?.asString.flatMap(Base64.decode)
    else {
      throw PrivataError(.tampered, "the manifest is not the sender's", fields: ["manifest"])
    }
    guard hashes.count == parts.count else {
      throw PrivataError(.tampered, "parts are missing, or too many", fields: ["parts"])
    }
    let opening = try TransmissionSealing(key, point)
    var text: [UInt8] = []
    for (number, part) in parts.enumerated() {
      guard hashes[number] == .string(Hexadecimal.text(SHA256.hash(data: part))) else {
        throw PrivataError(.tampered, "part \(number) was changed", fields: ["parts"])
      }
      text += try opening.open(part, id, number)
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// What a transmission needs to go on.
private struct TransmissionState {
  let id: String
  /// The secret of this transmission alone.
  let secret: [UInt8]
  var place: String?
  var hashes: [String] = []
  /// True once the receiver has all parts, and lacks the manifest.
  var isWhole = false

  /// A new one, or that of a token.
  init(_ token: String?, _ keys: VaultKeys) throws(PrivataError) {
    guard let token else {
      id = Hexadecimal.text(SecureBytes.random(12))
      secret = SecureBytes.random(32)
      return
    }
    let parts = token.split(separator: ".")
    guard parts.count == 2, let sealed = Base64.decode(String(parts[1])),
      let plain = try? JournalSeal(keys).open(sealed, id: String(parts[0])),
      let document = try? Document(bson: plain), let secret = document["secret"]?.asBytes
    else { throw PrivataError(.malformed, "the text is no token of a transmission") }
    id = String(parts[0])
    self.secret = secret
    place = document["place"]?.asString
    hashes = (document["hashes"]?.asArray ?? []).compactMap(\.asString)
    isWhole = document["isWhole"]?.asBool ?? false
  }

  /// The state, sealed: who has it learns nothing.
  func token(_ keys: VaultKeys) throws(PrivataError) -> String {
    var document: Document = [
      "secret": .binary(Binary(secret)), "hashes": .array(hashes.map { .string($0) }),
      "isWhole": .bool(isWhole),
    ]
    document["place"] = place.map { .string($0) }
    let sealed = try JournalSeal(keys).seal(document.bson, id: id)
    return "\(id).\(Base64.encode(sealed))"
  }

  func manifest(_ sealing: TransmissionSealing, _ receiver: TransmissionReceiver) -> Document {
    [
      "transmission": .string(id), "at": .string(DateTime.now.iso8601),
      "format": "privata-portable", "hashes": .array(hashes.map { .string($0) }),
      "key": .string(Base64.encode(sealing.point)),
      "receiver": .string(receiver.destination.recipient),
    ]
  }
}

/// Seals parts to a receiver: X25519, HKDF-SHA256, AES-256-GCM; each part with its number.
private struct TransmissionSealing {
  private let key: SymmetricKey
  /// The sender's public point.
  let point: [UInt8]

  /// For the sender, whose key is of this transmission alone.
  init(_ secret: [UInt8], _ receiver: [UInt8]) throws(PrivataError) {
    guard let own = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: secret) else {
      throw PrivataError(.badArgument, "the transmission has no secret")
    }
    point = Array(own.publicKey.rawRepresentation)
    key = try Self.agreed(own, receiver, salt: point + receiver)
  }

  /// For the receiver.
  init(
    _ own: Curve25519.KeyAgreement.PrivateKey, _ point: [UInt8]
  ) throws(PrivataError) {
    self.point = point
    key = try Self.agreed(own, point, salt: point + Array(own.publicKey.rawRepresentation))
  }

  private static func agreed(
    _ own: Curve25519.KeyAgreement.PrivateKey, _ other: [UInt8], salt: [UInt8]
  ) throws(PrivataError) -> SymmetricKey {
    guard let other = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: other),
      let secret = try? own.sharedSecretFromKeyAgreement(with: other)
    else { throw PrivataError(.badArgument, "the receiver's key is no key", fields: ["publicKey"]) }
    return secret.hkdfDerivedSymmetricKey(
      using: SHA256.self, salt: salt, sharedInfo: Array("privata/transmission/1".utf8),
      outputByteCount: 32)
  }

  private func place(_ id: String, _ number: Int) -> [UInt8] { Array("\(id)/\(number)".utf8) }

  func seal(_ bytes: [UInt8], _ id: String, _ number: Int) throws(PrivataError) -> [UInt8] {
    let box = try? AES.GCM.seal(bytes, using: key, authenticating: place(id, number))
    guard let combined = box?.combined else {
      throw PrivataError(.rejectedByStore, "a part could not be sealed")
    }
    return Array(combined)
  }

  func open(_ part: [UInt8], _ id: String, _ number: Int) throws(PrivataError) -> [UInt8] {
    guard let box = try? AES.GCM.SealedBox(combined: part),
      let plain = try? AES.GCM.open(box, using: key, authenticating: place(id, number))
    else { throw PrivataError(.unknownKey, "part \(number) was sealed to another key") }
    return Array(plain)
  }
}
