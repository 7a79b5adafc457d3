internal import CPKCS11
internal import PrivataCore
internal import Synchronization

/// A module's library in this process: loaded and initialised once, and never let go, because other
/// parts of the program may use it too.
final class PKCS11Module: @unchecked Sendable {
  // Safe: the pointer is set once and points to the library's constant table; the module was
  // initialised to be called from several threads.
  let functions: UnsafePointer<ck_functions>

  private static let loaded = Mutex<[String: PKCS11Module]>([:])

  /// The module of a file.
  ///
  /// - Throws: `badArgument` where the file is none.
  static func at(_ path: String) throws(PrivataError) -> PKCS11Module {
    let result: Result<PKCS11Module, PrivataError> = loaded.withLock { loaded in
      if let known = loaded[path] { return .success(known) }
      do throws(PrivataError) {
        let module = try PKCS11Module(path)
        loaded[path] = module
        return .success(module)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private init(_ path: String) throws(PrivataError) {
    guard path.hasPrefix("/"), let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw PrivataError(
        .badArgument, "a PKCS #11 module is named by the full path of its library: \(path) is none")
    }
    var list: UnsafeMutablePointer<ck_functions>?
    guard let symbol = dlsym(library, "C_GetFunctionList"),
      unsafeBitCast(symbol, to: ck_get_function_list.self)(&list) == 0, let list
    else {
      throw PrivataError(.badArgument, "the library at \(path) is no PKCS #11 module")
    }
    functions = UnsafePointer(list)
    var arguments = ck_initialize_args()
    arguments.flags = 2  // CKF_OS_LOCKING_OK
    let code = functions.pointee.Initialize(&arguments)
    // CKR_CRYPTOKI_ALREADY_INITIALIZED: another part of the program did it.
    guard code == 0 || code == 0x191 else {
      throw PrivataError(
        .keyUnavailable,
        "the PKCS #11 module at \(path) does not start (0x\(String(code, radix: 16)))")
    }
  }

  /// A new session with the token of a label.
  func session(onTokenOf label: String) throws(PKCS11Failure) -> PKCS11Session {
    for slot in try slots() {
      var info = ck_token_info()
      guard functions.pointee.GetTokenInfo(slot, &info) == 0, Self.label(of: info) == label else {
        continue
      }
      var handle: UInt = 0
      // CKF_SERIAL_SESSION | CKF_RW_SESSION
      try check(functions.pointee.OpenSession(slot, 6, nil, nil, &handle), "C_OpenSession")
      return PKCS11Session(module: self, slot: slot, handle: handle)
    }
    throw PKCS11Failure(
      PrivataError(
        .keyUnavailable, "the PKCS #11 module has no token \(label) now", isRetriable: true))
  }

  private func slots() throws(PKCS11Failure) -> [UInt] {
    var count: UInt = 0
    try check(functions.pointee.GetSlotList(1, nil, &count), "C_GetSlotList")
    var slots = [UInt](repeating: 0, count: Int(count))
    try check(functions.pointee.GetSlotList(1, &slots, &count), "C_GetSlotList")
    return Array(slots.prefix(Int(count)))
  }

  /// The label without the blanks that fill it up.
  private static func label(of info: ck_token_info) -> String {
    withUnsafeBytes(of: info.label) { bytes in
      let end = bytes.lastIndex { $0 != 0x20 && $0 != 0 } ?? -1
      return String(decoding: bytes[..<(end + 1)], as: UTF8.self)
    }
  }
}

/// Throws what the module answered, where it is not that all went well.
func check(_ code: UInt, _ call: String) throws(PKCS11Failure) {
  guard code == 0 else { throw PKCS11Failure(code, call) }
}
