internal import Dispatch
public import PrivataCompliance
public import PrivataCore

/// A key service in a hardware module, or whatever else speaks PKCS #11: the root key is made there
/// and never leaves it; it wraps the vault's epoch keys, about one a month for each store.
///
/// ```swift
/// let service = try PKCS11KeyService(
///   module: "/usr/lib/softhsm/libsofthsm2.so", token: "clinic", pin: pin, key: "root-2026")
/// options.masterKey = .service(service)
/// ```
///
/// Wraps with AES-256-GCM (`CKM_AES_GCM`); the context is authenticated with the key. The rotation of
/// the root key: ``makeKey(_:module:token:pin:)`` under a new name, start with that name, and
/// `rotate(.root)` of the vault. What an earlier key of the token wrapped is unwrapped meanwhile.
///
/// A session that the token ends, or a token that was away, is opened anew with the next call. A
/// refused PIN is not tried again, since tokens lock after a few.
///
/// Source: PKCS #11 Cryptographic Token Interface 2.40, OASIS.
///
/// - Privacy: the token sees keys and their contexts, no record and no person; the PIN is in no error.
public struct PKCS11KeyService: KeyManagementService {
  let token: PKCS11Token
  private let key: String
  /// Modules block the thread that calls them, and one session does one thing at a time.
  private let queue: DispatchQueue

  /// A service over a key of a token.
  ///
  /// - Parameters:
  ///   - module: the path of the module's library.
  ///   - token: the token's label.
  ///   - pin: the user's PIN.
  ///   - key: the label of an AES key of 256 bits that may encrypt and decrypt.
  /// - Throws: `badArgument` for a file that is no module; `keyUnavailable` where the token is not
  ///   there or refuses the PIN; `unknownKey` where it has no such key, or several.
  public init(
    module: String, token: String, pin: String, key: String
  ) throws(PrivataError) {
    self.key = key
    self.token = PKCS11Token(try PKCS11Module.at(module), label: token, pin: pin)
    queue = DispatchQueue(label: "privata.pkcs11")
    try self.token.connected { session throws(PKCS11Failure) in _ = try session.key(key) }
  }

  /// Makes an AES key of 256 bits in a token, which can neither be read nor copied out of it.
  ///
  /// - Throws: `duplicateKey` where the token has a key of that label; and as ``init(module:token:pin:key:)``.
  public static func makeKey(
    _ key: String, module: String, token: String, pin: String
  ) throws(PrivataError) {
    let token = PKCS11Token(try PKCS11Module.at(module), label: token, pin: pin)
    try token.connected { session throws(PKCS11Failure) in
      guard try session.keys(key).isEmpty else {
        throw PKCS11Failure(
          PrivataError(.duplicateKey, "the token has a key \(key) already", isRetriable: false))
      }
      try session.makeKey(key)
    }
  }

  /// Wraps a key under the service's key.
  public func wrap(_ key: [UInt8], context: [UInt8]) async throws(PrivataError) -> WrappedKey {
    let root = self.key
    let bytes = try await onQueue { () throws(PrivataError) in
      try token.connected { session throws(PKCS11Failure) in
        try session.seal(key, data: context, with: try session.key(root))
      }
    }
    return WrappedKey(rootID: root, bytes: bytes)
  }

  /// Unwraps a key with the key of the token that wrapped it.
  public func unwrap(
    _ wrapped: WrappedKey, context: [UInt8]
  ) async throws(PrivataError) -> [UInt8] {
    try await onQueue { () throws(PrivataError) in
      try token.connected { session throws(PKCS11Failure) in
        try session.open(wrapped.bytes, data: context, with: try session.key(wrapped.rootID))
      }
    }
  }

  private func onQueue<R: Sendable>(
    _ body: @escaping @Sendable () throws(PrivataError) -> R
  ) async throws(PrivataError) -> R {
    let result: Result<R, PrivataError> = await withCheckedContinuation { continuation in
      queue.async {
        do throws(PrivataError) {
          continuation.resume(returning: .success(try body()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }
}
