internal import Crypto
public import PrivataCore

/// Where the root key is, and what never leaves there: a cloud's key service, a hardware module, or
/// a file. It wraps the vault's epoch keys, about one a month for each store; records cost it
/// nothing.
///
/// ```swift
/// options.masterKey = .service(try LocalKeyService(path: "/etc/privata/root.keys"))
/// ```
public protocol KeyManagementService: Sendable {
  /// Wraps 32 bytes. The context goes into the wrapping: what is wrapped under one opens under no
  /// other.
  ///
  /// - Throws: `keyUnavailable` where the service does not answer.
  func wrap(_ key: [UInt8], context: [UInt8]) async throws(PrivataError) -> WrappedKey

  /// Unwraps what ``wrap(_:context:)`` answered, whichever of the service's keys wrapped it.
  ///
  /// - Throws: `keyUnavailable`; `unknownKey` for a root key that the service does not have;
  ///   `tampered` for bytes or a context that do not fit.
  func unwrap(_ wrapped: WrappedKey, context: [UInt8]) async throws(PrivataError) -> [UInt8]
}

/// A key as a key service wrapped it.
public struct WrappedKey: Sendable, Hashable {
  /// Which of the service's keys wrapped it.
  public var rootID: String
  /// The wrapped bytes, in the service's own form.
  public var bytes: [UInt8]

  /// Bytes that a root key wrapped.
  public init(rootID: String, bytes: [UInt8]) {
    self.rootID = rootID
    self.bytes = bytes
  }
}

/// A key service in a file: one root key per line, the last one in use.
///
/// ```swift
/// let service = try LocalKeyService(path: "root.keys")   // made with a first key where it is absent
/// try service.addKey()                                   // rotation: then vault.encryption?.rotate(.root)
/// ```
///
/// - Privacy: who reads the file and has the key store reads everything. Keep it on another disk
///   than both, readable by the program alone.
public struct LocalKeyService: KeyManagementService {
  private let path: String

  /// A service over a file, which is made where it is absent.
  ///
  /// - Throws: what the file system answers; `corrupt` for a file that holds something else.
  public init(path: String) throws(PrivataError) {
    self.path = path
    if try FileSystem.read(path) == nil { _ = try FileSystem.create(path, Self.line()) }
    _ = try keys()
  }

  /// Adds a root key, which wraps from now on; the earlier ones go on unwrapping.
  public func addKey() throws(PrivataError) {
    let bytes = (try FileSystem.read(path) ?? []) + Self.line()
    let next = path + ".next"
    FileSystem.remove(next)
    guard try FileSystem.create(next, bytes) else {
      throw PrivataError(.busy, "another process changes \(path)", isRetriable: true)
    }
    try FileSystem.rename(next, to: path)
  }

  /// The ids of the root keys, the one in use last.
  public func keyIDs() throws(PrivataError) -> [String] { try keys().map(\.id) }

  public func wrap(_ key: [UInt8], context: [UInt8]) async throws(PrivataError) -> WrappedKey {
    guard let root = try keys().last else { throw damaged }
    return WrappedKey(
      rootID: root.id, bytes: try KeyWrap(root.key).wrap(key, context: context))
  }

  public func unwrap(
    _ wrapped: WrappedKey, context: [UInt8]
  ) async throws(PrivataError) -> [UInt8] {
    guard let root = try keys().first(where: { $0.id == wrapped.rootID }) else {
      throw PrivataError(.unknownKey, "\(path) has no root key \(wrapped.rootID)")
    }
    return try KeyWrap(root.key).unwrap(wrapped.bytes, context: context)
  }

  private static func line() -> [UInt8] {
    let id = Hexadecimal.text(SecureBytes.random(8))
    return Array("\(id) \(Hexadecimal.text(SecureBytes.random(32)))\n".utf8)
  }

  private var damaged: PrivataError {
    PrivataError(.corrupt, "\(path) is no file of root keys: a line is an id and 64 digits")
  }

  private func keys() throws(PrivataError) -> [(id: String, key: SymmetricKey)] {
    let text = String(decoding: try FileSystem.read(path) ?? [], as: UTF8.self)
    var keys: [(id: String, key: SymmetricKey)] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ")
      guard parts.count == 2, let bytes = Hexadecimal.bytes(parts[1]), bytes.count == 32 else {
        throw damaged
      }
      keys.append((String(parts[0]), SymmetricKey(data: bytes)))
    }
    guard !keys.isEmpty else { throw damaged }
    return keys
  }
}

/// The key service of a vault whose master key is at hand: the root key is derived from it.
struct DerivedKeyService: KeyManagementService {
  private let id: String
  private let key: SymmetricKey

  init(_ key: SymmetricKey) {
    self.key = key
    id =
      "master." + Hexadecimal.text(SHA256.hash(data: key.withUnsafeBytes { Array($0) }).prefix(4))
  }

  func wrap(_ key: [UInt8], context: [UInt8]) async throws(PrivataError) -> WrappedKey {
    WrappedKey(rootID: id, bytes: try KeyWrap(self.key).wrap(key, context: context))
  }

  func unwrap(_ wrapped: WrappedKey, context: [UInt8]) async throws(PrivataError) -> [UInt8] {
    guard wrapped.rootID == id else {
      throw PrivataError(
        .unknownKey, "the key store was made with another master key (\(wrapped.rootID))")
    }
    return try KeyWrap(key).unwrap(wrapped.bytes, context: context)
  }
}

/// Wraps keys with keys: AES-256-GCM, 60 bytes for a key of 32.
struct KeyWrap {
  private let key: SymmetricKey

  init(_ key: SymmetricKey) { self.key = key }

  func wrap(_ bytes: [UInt8], context: [UInt8]) throws(PrivataError) -> [UInt8] {
    do {
      let box = try AES.GCM.seal(bytes, using: key, authenticating: context)
      return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    } catch {
      throw PrivataError(.rejectedByStore, "a key could not be wrapped", underlying: error)
    }
  }

  func unwrap(_ bytes: [UInt8], context: [UInt8]) throws(PrivataError) -> [UInt8] {
    do {
      let box = try AES.GCM.SealedBox(combined: bytes)
      return Array(try AES.GCM.open(box, using: key, authenticating: context))
    } catch {
      throw PrivataError(
        .tampered, "a wrapped key does not open: it was changed, or the root key is another one")
    }
  }
}
