internal import PrivataCore

/// What a module answered instead of doing its work.
struct PKCS11Failure: Error {
  let error: PrivataError
  /// True where a new session may succeed.
  let isSessionLost: Bool

  init(_ error: PrivataError) {
    self.error = error
    isSessionLost = false
  }

  /// The failure of a call of the module.
  init(_ code: UInt, _ call: String) {
    isSessionLost = Self.lost.contains(code)
    error =
      switch code {
      case 0xA0, 0xA1, 0xA2:
        PrivataError(.keyUnavailable, "the token refuses the PIN")
      case 0xA3, 0xA4:
        PrivataError(.keyUnavailable, "the token's PIN is locked or has expired")
      case 0x63, 0x68, 0x70, 0x71:
        PrivataError(
          .keyUnavailable,
          "the key or the token does not take AES-GCM (\(call): \(Self.text(code)))")
      case _ where isSessionLost:
        PrivataError(.keyUnavailable, "the token is away (\(call))", isRetriable: true)
      default:
        PrivataError(
          .keyUnavailable, "the token failed (\(call): \(Self.text(code)))", isRetriable: true)
      }
  }

  /// CKR_DEVICE_ERROR, _REMOVED, CKR_SESSION_CLOSED, _COUNT, _HANDLE_INVALID, CKR_TOKEN_NOT_PRESENT,
  /// _RECOGNIZED, CKR_USER_NOT_LOGGED_IN, CKR_SLOT_ID_INVALID, CKR_KEY_HANDLE_INVALID,
  /// CKR_OBJECT_HANDLE_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED.
  private static let lost: Set<UInt> = [
    0x30, 0x32, 0xB0, 0xB1, 0xB3, 0xE0, 0xE1, 0x101, 0x03, 0x60, 0x82, 0x190,
  ]

  private static func text(_ code: UInt) -> String { "0x" + String(code, radix: 16) }

  /// True for the answers of modules to a ciphertext that does not fit: the standard names no single
  /// one, and some say no more than that something failed.
  static func meansTampered(_ code: UInt) -> Bool {
    [0x05, 0x06, 0x20, 0x21, 0x40, 0x41, 0x42].contains(code)
  }
}
