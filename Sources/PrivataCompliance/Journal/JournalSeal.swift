internal import Crypto
internal import PrivataCore

/// Encrypts what the journal holds of open writes, so that no value of a record is in it. The id of
/// the write is authenticated with it.
struct JournalSeal {
  private let cipher: MessageCipher

  init(_ keys: VaultKeys) { self.init(keys.journal) }

  /// Seals under a key of its own.
  init(_ key: SymmetricKey) { cipher = MessageCipher(key) }

  func seal(_ bytes: [UInt8], id: String) throws(PrivataError) -> [UInt8] {
    try cipher.seal(bytes, place: Array(id.utf8))
  }

  func open(_ bytes: [UInt8], id: String) throws(PrivataError) -> [UInt8] {
    do {
      return try cipher.open(bytes, place: Array(id.utf8))
    } catch {
      throw PrivataError(
        .corrupt, "an open write in the journal does not open: wrong master key, or changed bytes")
    }
  }
}
