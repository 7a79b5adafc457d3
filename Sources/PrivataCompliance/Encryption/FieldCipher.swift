internal import Crypto
internal import PrivataCore
internal import Synchronization

/// A key of a person in one store, or of the store itself.
struct DataKey: Sendable {
  let id: KeyID
  let version: Int
  let secret: SymmetricKey
  /// The keys of fields, derived when first needed; they go when the key goes.
  private let derived = DerivedKeys()

  init(id: KeyID, version: Int, secret: SymmetricKey) {
    self.id = id
    self.version = version
    self.secret = secret
  }

  /// A key of 32 bytes.
  init(id: KeyID, version: Int, bytes: [UInt8]) {
    self.init(id: id, version: version, secret: SymmetricKey(data: bytes))
  }

  /// The key of one field.
  ///
  /// Source: RFC 5869, HKDF-Expand.
  func fieldKey(_ field: SealedField) -> SymmetricKey {
    derived.key(field) {
      HKDF<SHA256>.expand(
        pseudoRandomKey: secret,
        info: AssociatedData.use("pv1/field", field.modelID, field.fieldID), outputByteCount: 32)
    }
  }

  /// The key of a field's tags.
  func indexKey(_ field: SealedField) -> SymmetricKey {
    HKDF<SHA256>.expand(
      pseudoRandomKey: secret,
      info: AssociatedData.use("pv1/index", field.modelID, field.fieldID), outputByteCount: 32)
  }
}

/// The keys that were derived from one, by the names to which they belong.
private final class DerivedKeys: Sendable {
  private struct Entry {
    let model: String
    let field: String
    let key: SymmetricKey
  }

  private let entries = Mutex<[Entry]>([])

  func key(_ field: SealedField, _ derive: () -> SymmetricKey) -> SymmetricKey {
    entries.withLock { entries in
      for entry in entries where entry.field == field.fieldID && entry.model == field.modelID {
        return entry.key
      }
      let made = derive()
      entries.append(Entry(model: field.modelID, field: field.fieldID, key: made))
      return made
    }
  }
}

/// Seals and opens the values of fields: AES-256-GCM under the field's key, bound to its place.
struct FieldCipher: Sendable {
  let region: String
  let half: Half

  /// The largest value: what is larger belongs into a file store.
  static let largest = 1 << 20

  /// Seals a value.
  ///
  /// - Throws: `badArgument` for a value over one MiB.
  func seal(
    _ value: Value, _ field: SealedField, record: Value, _ key: DataKey
  ) throws(PrivataError) -> [UInt8] {
    try seal(value, field, record: record, key, nonce: SecureBytes.random(12))
  }

  /// Seals with a given nonce, for test vectors.
  func seal(
    _ value: Value, _ field: SealedField, record: Value, _ key: DataKey, nonce: [UInt8]
  ) throws(PrivataError) -> [UInt8] {
    var plain: [UInt8] = []
    BSONWriter.append(element: value, to: &plain)
    guard plain.count <= Self.largest else {
      throw PrivataError(
        .badArgument, "\(field.name) is over 1 MiB, which no encrypted field may hold",
        fields: [field.name], model: field.modelID)
    }
    Padding.fill(&plain, to: field.padding)
    do {
      return try encryptor(field, record, key, key.id).seal(plain, nonce: nonce).bytes
    } catch {
      throw PrivataError(
        .rejectedByStore, "\(field.name) could not be encrypted", fields: [field.name],
        underlying: error)
    }
  }

  /// Seals for one field of one record. The key's id is part of the place, as the envelope names it.
  private func encryptor(
    _ field: SealedField, _ record: Value, _ key: DataKey, _ id: KeyID
  ) -> AESGCMEncryptor {
    AESGCMEncryptor(
      keyID: id, key: key.fieldKey(field),
      place: AssociatedData.value(field, record: record, key: id, region: region, half: half))
  }

  /// Opens a value.
  ///
  /// - Throws: `tampered` where bytes were changed, or belong to another record, field, model, store
  ///   or region.
  func open(
    _ envelope: Envelope, _ field: SealedField, record: Value, _ key: DataKey
  ) throws(PrivataError) -> Value {
    let bytes = envelope.nonce + envelope.ciphertext + envelope.tag
    let place = AssociatedData.value(
      field, record: record, key: envelope.keyID, region: region, half: half)
    return BSONReader.value(ofElement: try open(bytes[...], field, place: place, key))
  }

  /// Opens nonce, ciphertext and tag where they lie, to a BSON element without its key.
  ///
  /// - Throws: as ``open(_:_:record:_:)``.
  func open(
    _ sealed: ArraySlice<UInt8>, _ field: SealedField, place: [UInt8], _ key: DataKey
  ) throws(PrivataError) -> ArraySlice<UInt8> {
    do {
      let plain = try AESGCMEncryptor.open(sealed, key: key.fieldKey(field), place: place)
      return Padding.removed(plain)
    } catch {
      throw PrivataError(
        .tampered,
        """
        \(field.modelID).\(field.name) does not open: its bytes were changed, or moved here from \
        another record or field
        """, fields: [field.name], model: field.modelID)
    }
  }
}

/// Fills plaintext up, so that the length of a ciphertext tells little: one byte 0x80, then zeros.
///
/// Source: ISO/IEC 7816-4.
enum Padding {
  /// Values from that size on are not filled up: their length says little about them.
  static let bound = 256

  static func fill(_ bytes: inout [UInt8], to bucket: Int) {
    bytes.append(0x80)
    guard bytes.count <= bound else { return }
    while !bytes.count.isMultiple(of: bucket) { bytes.append(0) }
  }

  static func removed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    guard let end = bytes.lastIndex(where: { $0 != 0 }) else { return [] }
    return bytes[..<end]
  }
}
