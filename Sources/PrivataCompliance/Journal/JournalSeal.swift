internal import Crypto
internal import PrivataCore

/// Encrypts what the journal holds of open writes, so that no value of a record is in it.
///
/// AES-256-GCM; the id of the write is authenticated with it.
struct JournalSeal {
  private let key: SymmetricKey

  init(_ keys: VaultKeys) { key = keys.journal }

  /// Seals under a key of its own.
  init(_ key: SymmetricKey) { self.key = key }

  func seal(_ bytes: [UInt8], id: String) throws(PrivataError) -> [UInt8] {
    do {
      let box = try AES.GCM.seal(bytes, using: key, authenticating: Array(id.utf8))
      // A nonce of the usual size always has the combined form.
      guard let combined = box.combined else { return [] }
      return Array(combined)
    } catch {
      throw PrivataError(.rejectedByStore, "an open write could not be sealed", underlying: error)
    }
  }

  func open(_ bytes: [UInt8], id: String) throws(PrivataError) -> [UInt8] {
    do {
      let box = try AES.GCM.SealedBox(combined: bytes)
      return Array(try AES.GCM.open(box, using: key, authenticating: Array(id.utf8)))
    } catch {
      throw PrivataError(
        .corrupt, "an open write in the journal does not open: wrong master key, or changed bytes")
    }
  }
}
