internal import CPKCS11
internal import PrivataCore

/// A session with a token.
struct PKCS11Session {
  let module: PKCS11Module
  let slot: UInt
  let handle: UInt

  private var functions: ck_functions { module.functions.pointee }

  func close() { _ = functions.CloseSession(handle) }

  func login(_ pin: String) throws(PKCS11Failure) {
    var bytes = Array(pin.utf8)
    defer { for index in bytes.indices { bytes[index] = 0 } }
    let code = functions.Login(handle, 1, &bytes, UInt(bytes.count))
    // CKR_USER_ALREADY_LOGGED_IN: another session of this program.
    if code != 0x100 { try check(code, "C_Login") }
  }

  // MARK: - Keys

  private enum Attribute {
    static let kind: UInt = 0x0, token: UInt = 0x1, isPrivate: UInt = 0x2, label: UInt = 0x3
    static let keyType: UInt = 0x100, sensitive: UInt = 0x103, encrypt: UInt = 0x104
    static let decrypt: UInt = 0x105, length: UInt = 0x161, extractable: UInt = 0x162
  }

  /// The one key of a label.
  func key(_ label: String) throws(PKCS11Failure) -> UInt {
    let found = try keys(label)
    guard let key = found.first, found.count == 1 else {
      let what = found.isEmpty ? "no key" : "several keys"
      throw PKCS11Failure(PrivataError(.unknownKey, "the token has \(what) \(label)"))
    }
    return key
  }

  /// The keys of a label.
  func keys(_ label: String) throws(PKCS11Failure) -> [UInt] {
    let code = withAttributes([
      (Attribute.kind, .number(4)), (Attribute.keyType, .number(0x1F)),
      (Attribute.label, .text(label)),
    ]) { functions.FindObjectsInit(handle, $0.baseAddress, UInt($0.count)) }
    try check(code, "C_FindObjectsInit")
    defer { _ = functions.FindObjectsFinal(handle) }
    var found = [UInt](repeating: 0, count: 2)
    var count: UInt = 0
    try check(functions.FindObjects(handle, &found, 2, &count), "C_FindObjects")
    return Array(found.prefix(Int(count)))
  }

  /// Makes a key that stays in the token.
  func makeKey(_ label: String) throws(PKCS11Failure) {
    var mechanism = ck_mechanism(type: 0x1080, parameter: nil, length: 0)
    var key: UInt = 0
    let code = withAttributes([
      (Attribute.label, .text(label)), (Attribute.length, .number(32)),
      (Attribute.token, .flag(true)), (Attribute.isPrivate, .flag(true)),
      (Attribute.sensitive, .flag(true)), (Attribute.extractable, .flag(false)),
      (Attribute.encrypt, .flag(true)), (Attribute.decrypt, .flag(true)),
    ]) { functions.GenerateKey(handle, &mechanism, $0.baseAddress, UInt($0.count), &key) }
    try check(code, "C_GenerateKey")
  }

  private enum Content {
    case flag(Bool)
    case number(UInt)
    case text(String)

    var bytes: [UInt8] {
      switch self {
      case .flag(let isSet): [isSet ? 1 : 0]
      case .number(let number): withUnsafeBytes(of: number) { Array($0) }
      case .text(let text): Array(text.utf8)
      }
    }
  }

  /// A template that lives as long as the call that reads it.
  private func withAttributes(
    _ parts: [(type: UInt, content: Content)],
    _ body: (UnsafeMutableBufferPointer<ck_attribute>) -> UInt
  ) -> UInt {
    let contents = parts.map(\.content.bytes)
    var all = contents.flatMap { $0 }
    return all.withUnsafeMutableBytes { bytes in
      var offset = 0
      var attributes: [ck_attribute] = []
      for (part, content) in zip(parts, contents) {
        attributes.append(
          ck_attribute(
            type: part.type, value: bytes.baseAddress?.advanced(by: offset),
            length: UInt(content.count)))
        offset += content.count
      }
      return attributes.withUnsafeMutableBufferPointer { body($0) }
    }
  }

  // MARK: - Sealing

  /// Nonce, ciphertext and tag of bytes; `data` is authenticated with them.
  func seal(
    _ bytes: [UInt8], data: [UInt8], with key: UInt
  ) throws(PKCS11Failure) -> [UInt8] {
    var random = SystemRandomNumberGenerator()
    let nonce = (0..<12).map { _ in UInt8.random(in: 0...255, using: &random) }
    let answer = withGCM(nonce, data) { mechanism in
      let code = functions.EncryptInit(handle, mechanism, key)
      if code != 0 { return (code, []) }
      return call(bytes, room: bytes.count + 32, functions.Encrypt)
    }
    try check(answer.code, "C_Encrypt")
    return nonce + answer.bytes
  }

  /// The bytes that ``seal(_:data:with:)`` sealed.
  func open(
    _ sealed: [UInt8], data: [UInt8], with key: UInt
  ) throws(PKCS11Failure) -> [UInt8] {
    guard sealed.count >= 28 else { throw Self.tampered }
    let answer = decrypted(sealed, data, key)
    if answer.code == 0 { return answer.bytes }
    if PKCS11Failure.meansTampered(answer.code), canDecrypt(key) { throw Self.tampered }
    throw PKCS11Failure(answer.code, "C_Decrypt")
  }

  private func decrypted(
    _ sealed: [UInt8], _ data: [UInt8], _ key: UInt
  ) -> (code: UInt, bytes: [UInt8]) {
    withGCM(Array(sealed.prefix(12)), data) { mechanism in
      let code = functions.DecryptInit(handle, mechanism, key)
      if code != 0 { return (code, []) }
      return call(Array(sealed.dropFirst(12)), room: sealed.count, functions.Decrypt)
    }
  }

  /// True where the key opens what it seals: then it was the bytes that did not fit.
  private func canDecrypt(_ key: UInt) -> Bool {
    guard let probe = try? seal([1], data: [], with: key) else { return false }
    return decrypted(probe, [], key) == (0, [1])
  }

  private static let tampered = PKCS11Failure(
    PrivataError(
      .tampered, "a wrapped key does not open: it was changed, or belongs to another place"))

  private typealias Call =
    @convention(c) (
      UInt, UnsafeMutablePointer<UInt8>?, UInt, UnsafeMutablePointer<UInt8>?,
      UnsafeMutablePointer<UInt>?
    ) -> UInt

  private func call(
    _ bytes: [UInt8], room: Int, _ function: Call?
  ) -> (code: UInt, bytes: [UInt8]) {
    guard let function else { return (0x54, []) }  // CKR_FUNCTION_NOT_SUPPORTED
    var bytes = bytes
    var result = [UInt8](repeating: 0, count: room)
    var count = UInt(room)
    let code = function(handle, &bytes, UInt(bytes.count), &result, &count)
    return (code, code == 0 ? Array(result.prefix(Int(count))) : [])
  }

  private func withGCM(
    _ nonce: [UInt8], _ data: [UInt8],
    _ body: (UnsafeMutablePointer<ck_mechanism>) -> (code: UInt, bytes: [UInt8])
  ) -> (code: UInt, bytes: [UInt8]) {
    var nonce = nonce
    var data = data
    return nonce.withUnsafeMutableBufferPointer { nonce in
      data.withUnsafeMutableBufferPointer { data in
        var parameters = ck_gcm_params(
          iv: nonce.baseAddress, iv_length: 12, iv_bits: 96, data: data.baseAddress,
          data_length: UInt(data.count), tag_bits: 128)
        return withUnsafeMutablePointer(to: &parameters) { parameters in
          var mechanism = ck_mechanism(
            type: 0x1087, parameter: parameters,
            length: UInt(MemoryLayout<ck_gcm_params>.size))
          return body(&mechanism)
        }
      }
    }
  }
}
