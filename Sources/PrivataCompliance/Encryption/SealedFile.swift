internal import Crypto
public import PrivataCore

/// Seals what is too large to be sealed at once, piece by piece: exports, files, copies that leave the
/// vault. Each 64 KiB are bound to their place, and the last ones say that they are: what was cut,
/// changed or put into another order does not open.
///
/// ```swift
/// let key = SealedFile.newKey()
/// var sealing = try SealedFile.Writer(key: key)
/// try await vault.audit.export(as: .jsonl) { bytes in file.write(try sealing.append(bytes)) }
/// file.write(try sealing.finish())
/// ```
///
/// magic `pvs1` | nonce 16 | pieces of 64 KiB and 16 bytes each, the last one shorter
///
/// - Privacy: the length of the content can be told from the length of the stream.
public enum SealedFile {
  /// How many bytes are sealed at once.
  public static let piece = 64 << 10

  static let magic = Array("pvs1".utf8)
  static let nonceSize = 16

  /// A key for one stream or for many.
  public static func newKey() -> [UInt8] { SecureBytes.random(32) }

  /// The key of one stream: the key that was given may seal many.
  static func streamKey(_ key: [UInt8], _ nonce: [UInt8]) throws(PrivataError) -> SymmetricKey {
    guard key.count == 32 else {
      throw PrivataError(.badArgument, "a stream is sealed with a key of 32 bytes")
    }
    return HKDF<SHA256>.expand(
      pseudoRandomKey: SymmetricKey(data: key), info: Array("pv1/stream".utf8) + nonce,
      outputByteCount: 32)
  }

  /// Number of the piece, and whether it is the last.
  static func nonce(_ number: UInt32, isLast: Bool) -> [UInt8] {
    [0, 0, 0, 0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
      + [isLast ? 1 : 0]
  }

  /// Seals a stream.
  public struct Writer: Sendable {
    private let key: SymmetricKey
    private var begin: [UInt8]
    private var waiting: [UInt8] = []
    private var number: UInt32 = 0
    private var isDone = false

    /// A stream under a key of 32 bytes.
    ///
    /// - Throws: `badArgument` for a key of another length.
    public init(key: [UInt8]) throws(PrivataError) {
      let nonce = SecureBytes.random(nonceSize)
      self.key = try streamKey(key, nonce)
      begin = magic + nonce
    }

    /// The sealed bytes that are complete with these.
    ///
    /// - Throws: `badArgument` behind ``finish()`` and for more than 2^32 pieces.
    public mutating func append(
      _ bytes: some Sequence<UInt8>
    ) throws(PrivataError) -> [UInt8] {
      waiting += bytes
      var sealed = taken()
      // A full piece may be the last one.
      while waiting.count > piece {
        sealed += try seal(Array(waiting.prefix(piece)), isLast: false)
        waiting.removeFirst(piece)
      }
      return sealed
    }

    /// The end of the stream.
    public mutating func finish() throws(PrivataError) -> [UInt8] {
      let sealed = try taken() + seal(waiting, isLast: true)
      waiting = []
      isDone = true
      return sealed
    }

    private mutating func taken() -> [UInt8] {
      defer { begin = [] }
      return begin
    }

    private mutating func seal(_ bytes: [UInt8], isLast: Bool) throws(PrivataError) -> [UInt8] {
      guard !isDone, number < UInt32.max else {
        throw PrivataError(.badArgument, "the sealed stream has ended")
      }
      defer { number += 1 }
      do {
        let box = try AES.GCM.seal(
          bytes, using: key, nonce: AES.GCM.Nonce(data: nonce(number, isLast: isLast)))
        return Array(box.ciphertext) + Array(box.tag)
      } catch {
        throw PrivataError(.rejectedByStore, "a piece could not be sealed", underlying: error)
      }
    }
  }

  /// Opens a stream.
  public struct Reader: Sendable {
    private let secret: [UInt8]
    private var key: SymmetricKey?
    private var waiting: [UInt8] = []
    private var number: UInt32 = 0

    /// A stream under a key of 32 bytes.
    public init(key: [UInt8]) { secret = key }

    /// The content that is complete with these bytes.
    ///
    /// - Throws: `tampered` for what was changed or moved, `badArgument` for a key of another length.
    public mutating func append(
      _ bytes: some Sequence<UInt8>
    ) throws(PrivataError) -> [UInt8] {
      waiting += bytes
      try begin()
      var content: [UInt8] = []
      while key != nil, waiting.count > piece + 16 {
        content += try open(Array(waiting.prefix(piece + 16)), isLast: false)
        waiting.removeFirst(piece + 16)
      }
      return content
    }

    /// The last content.
    ///
    /// - Throws: `tampered` where the stream was cut.
    public mutating func finish() throws(PrivataError) -> [UInt8] {
      defer { waiting = [] }
      return try open(waiting, isLast: true)
    }

    private mutating func begin() throws(PrivataError) {
      let head = magic.count + nonceSize
      guard key == nil, waiting.count >= head else { return }
      guard Array(waiting.prefix(magic.count)) == magic else { throw Self.tampered }
      key = try streamKey(secret, Array(waiting[magic.count..<head]))
      waiting.removeFirst(head)
    }

    private mutating func open(
      _ bytes: [UInt8], isLast: Bool
    ) throws(PrivataError) -> [UInt8] {
      guard let key, bytes.count >= 16 else { throw Self.tampered }
      defer { number += 1 }
      do {
        let box = try AES.GCM.SealedBox(
          nonce: AES.GCM.Nonce(data: nonce(number, isLast: isLast)),
          ciphertext: bytes[..<(bytes.count - 16)], tag: bytes[(bytes.count - 16)...])
        return Array(try AES.GCM.open(box, using: key))
      } catch {
        throw Self.tampered
      }
    }

    private static let tampered = PrivataError(
      .tampered, "a sealed stream does not open: it was cut, changed or put into another order")
  }
}
