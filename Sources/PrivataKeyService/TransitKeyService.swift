internal import Foundation
public import PrivataCompliance
public import PrivataCore

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// A key service over HTTP: the transit engine of HashiCorp Vault and OpenBao. The root key never
/// leaves it; it wraps the vault's epoch keys, about one a month for each store.
///
/// ```swift
/// let service = try TransitKeyService(url: "https://keys.example.org:8200", key: "clinic", token: token)
/// options.masterKey = .service(service)
/// ```
///
/// A key of the engine has to be of a kind that takes associated data, such as `aes256-gcm96`. What
/// was wrapped under one version of it is unwrapped after a rotation too; `rotate(.root)` of the
/// vault then wraps anew.
///
/// - Privacy: sends keys and their contexts, no record and no person; the token is in no error.
public struct TransitKeyService: KeyManagementService {
  private let base: URL
  private let key: String
  private let token: String
  private let session: URLSession

  /// A service at an address.
  ///
  /// - Parameters:
  ///   - url: `https://…`; `http://` for this machine alone.
  ///   - key: the name of the engine's key: letters, digits, `-`, `_` and `.`.
  ///   - mount: where the engine is mounted.
  ///   - timeout: how long one call may take.
  /// - Throws: `badURL` for another address, and for one in the clear over a network; `badArgument`
  ///   for a name that is none.
  public init(
    url: String, key: String, token: String, mount: String = "transit",
    timeout: Duration = .seconds(5)
  ) throws(PrivataError) {
    guard let base = URL(string: url), let scheme = base.scheme, let host = base.host else {
      throw PrivataError(.badURL, "the address of a key service is https://host:port")
    }
    let isHere = ["localhost", "127.0.0.1", "::1"].contains(host)
    guard scheme == "https" || (scheme == "http" && isHere) else {
      throw PrivataError(.badURL, "a key service is asked over https, or on this machine")
    }
    for name in [key, mount] where name.isEmpty || !name.allSatisfy(Self.isPlain) {
      throw PrivataError(.badArgument, "a key or mount is named by letters, digits, - _ and .")
    }
    self.base = base.appending(path: "v1/\(mount)")
    self.key = key
    self.token = token
    let configuration = URLSessionConfiguration.ephemeral
    let seconds =
      Double(timeout.components.seconds)
      + Double(timeout.components.attoseconds) / 1e18
    configuration.timeoutIntervalForRequest = seconds
    configuration.timeoutIntervalForResource = seconds
    session = URLSession(configuration: configuration)
  }

  private static func isPlain(_ letter: Character) -> Bool {
    letter.isASCII && (letter.isLetter || letter.isNumber || "-_.".contains(letter))
  }

  /// Wraps a key with the newest version of the engine's key.
  public func wrap(_ key: [UInt8], context: [UInt8]) async throws(PrivataError) -> WrappedKey {
    let answer = try await call("encrypt", ["plaintext": Data(key).base64EncodedString()], context)
    guard let text = answer["ciphertext"], let version = Self.version(of: text) else {
      throw Self.unusable
    }
    return WrappedKey(rootID: "\(self.key)/\(version)", bytes: Array(text.utf8))
  }

  /// Unwraps a key with the version that wrapped it.
  public func unwrap(
    _ wrapped: WrappedKey, context: [UInt8]
  ) async throws(PrivataError) -> [UInt8] {
    guard wrapped.rootID.split(separator: "/").first.map(String.init) == key else {
      throw PrivataError(
        .unknownKey, "the key service has \(key), and the key was wrapped by \(wrapped.rootID)")
    }
    let text = String(decoding: wrapped.bytes, as: UTF8.self)
    guard Self.version(of: text) != nil else { throw Self.tampered }
    let answer = try await call("decrypt", ["ciphertext": text], context)
    guard let plain = answer["plaintext"].flatMap({ Data(base64Encoded: $0) }) else {
      throw Self.unusable
    }
    return Array(plain)
  }

  /// The `v1` of `vault:v1:…`.
  private static func version(of text: String) -> String? {
    let parts = text.split(separator: ":", maxSplits: 2)
    guard parts.count == 3, parts[1].hasPrefix("v"), Int(parts[1].dropFirst()) != nil else {
      return nil
    }
    return String(parts[1])
  }

  // MARK: - The wire

  private func call(
    _ action: String, _ body: [String: String], _ context: [UInt8]
  ) async throws(PrivataError) -> [String: String] {
    var body = body
    body["associated_data"] = Data(context).base64EncodedString()
    var request = URLRequest(url: base.appending(path: "\(action)/\(key)"))
    request.httpMethod = "POST"
    request.setValue(token, forHTTPHeaderField: "X-Vault-Token")
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    let data: Data
    let status: Int
    do {
      request.httpBody = try JSONEncoder().encode(body)
      let (answer, response) = try await session.data(for: request)
      data = answer
      status = (response as? HTTPURLResponse)?.statusCode ?? 0
    } catch {
      throw PrivataError(
        .keyUnavailable, "the key service does not answer", isRetriable: true, underlying: error)
    }
    try check(status, action)
    guard let answer = try? JSONDecoder().decode(Answer.self, from: data) else {
      throw Self.unusable
    }
    return answer.data
  }

  private struct Answer: Decodable {
    let data: [String: String]

    enum Keys: String, CodingKey { case data }

    init(from decoder: any Decoder) throws {
      let all = try decoder.container(keyedBy: Keys.self)
        .nestedContainer(keyedBy: Name.self, forKey: .data)
      var data: [String: String] = [:]
      for name in all.allKeys {
        data[name.stringValue] = try? all.decode(String.self, forKey: name)
      }
      self.data = data
    }
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private func check(_ status: Int, _ action: String) throws(PrivataError) {
    switch status {
    case 200..<300: return
    case 400 where action == "decrypt": throw Self.tampered
    case 401, 403:
      throw PrivataError(.keyUnavailable, "the key service refuses the token (\(status))")
    case 404: throw PrivataError(.unknownKey, "the key service has no key \(key)")
    default:
      throw PrivataError(
        .keyUnavailable, "the key service answers with status \(status)",
        isRetriable: status == 429 || status >= 500)
    }
  }

  private static let tampered = PrivataError(
    .tampered, "a wrapped key does not open: it was changed, or belongs to another place")
  private static let unusable = PrivataError(
    .keyUnavailable, "the key service answers something else than a key")
}
