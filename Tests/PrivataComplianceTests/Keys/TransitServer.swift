import Crypto
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A key service for tests: the two calls of the transit engine on a port of this machine, and what
/// can go wrong with them.
final class TransitServer: Sendable {
  enum Fault: Sendable { case none, down, slow, refused, notJSON, empty, status(Int) }

  let port: UInt16
  let token = "t0ken"
  private let socketNumber: Int32
  private let fault = Mutex(Fault.none)
  private let versions = Mutex([1: SymmetricKey(size: .bits256)])
  private let counts = Mutex<[String: Int]>([:])

  var url: String { "http://127.0.0.1:\(port)" }

  init() throws {
    socketNumber = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = socketNumber
    port = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard bind(number, pointer, length) == 0, listen(number, 64) == 0,
          getsockname(number, pointer, &length) == 0
        else { throw POSIXError(.EADDRNOTAVAIL) }
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    Thread.detachNewThread { [self] in serve() }
  }

  func fail(_ fault: Fault) { self.fault.withLock { $0 = fault } }
  func rotate() { versions.withLock { $0[$0.count + 1] = SymmetricKey(size: .bits256) } }
  func calls(_ action: String) -> Int { counts.withLock { $0[action] ?? 0 } }
  func stop() { shutdown(socketNumber, Int32(SHUT_RDWR)) }

  private func serve() {
    while true {
      let client = accept(socketNumber, nil, nil)
      if client < 0 { return }
      Thread.detachNewThread { [self] in
        answer(client)
        close(client)
      }
    }
  }

  private func answer(_ client: Int32) {
    guard let (head, body) = request(client) else { return }
    let fault = fault.withLock { $0 }
    if case .down = fault { return }
    if case .slow = fault { sleep(3) }
    let (status, text) = reply(head, body, fault)
    let bytes = Array(
      "HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)"
        .utf8)
    _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  private func request(_ client: Int32) -> (head: String, body: Data)? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let head = String(text[..<end.lowerBound])
        let match = head.firstMatch(of: /(?i)content-length: (\d+)/)
        let wanted = match.flatMap { Int($0.1) } ?? 0
        let start = head.utf8.count + 4
        if bytes.count >= start + wanted { return (head, Data(bytes[start..<(start + wanted)])) }
      }
      let count = recv(client, &buffer, buffer.count, 0)
      if count <= 0 { return nil }
      bytes += buffer[..<count]
    }
  }

  private func reply(_ head: String, _ body: Data, _ fault: Fault) -> (Int, String) {
    switch fault {
    case .refused: return (403, "{\"errors\":[\"permission denied\"]}")
    case .notJSON: return (200, "<html>")
    case .empty: return (200, "{\"data\":{\"x\":1}}")
    case .status(let status): return (status, "{}")
    default: break
    }
    guard head.contains(token) else { return (403, "{}") }
    guard let match = head.firstMatch(of: #/POST /v1/transit/(encrypt|decrypt)/clinic /#),
      let given = try? JSONDecoder().decode([String: String].self, from: body),
      let context = given["associated_data"].flatMap({ Data(base64Encoded: $0) })
    else { return (404, "{}") }
    counts.withLock { $0[String(match.1), default: 0] += 1 }
    do {
      let answer =
        match.1 == "encrypt" ? try encrypted(given, context) : try decrypted(given, context)
      return (200, String(decoding: try JSONEncoder().encode(["data": answer]), as: UTF8.self))
    } catch {
      return (400, "{\"errors\":[\"cipher: message authentication failed\"]}")
    }
  }

  private func encrypted(_ given: [String: String], _ context: Data) throws -> [String: String] {
    let all = versions.withLock { $0 }
    guard let plain = given["plaintext"].flatMap({ Data(base64Encoded: $0) }),
      let key = all[all.count]
    else { throw POSIXError(.EINVAL) }
    let box = try AES.GCM.seal(plain, using: key, authenticating: context)
    return ["ciphertext": "vault:v\(all.count):" + (box.combined ?? Data()).base64EncodedString()]
  }

  private func decrypted(_ given: [String: String], _ context: Data) throws -> [String: String] {
    let parts = (given["ciphertext"] ?? "").split(separator: ":")
    guard parts.count == 3, let version = Int(parts[1].dropFirst()),
      let key = versions.withLock({ $0[version] }),
      let sealed = Data(base64Encoded: String(parts[2]))
    else { throw POSIXError(.EINVAL) }
    let plain = try AES.GCM.open(
      AES.GCM.SealedBox(combined: sealed), using: key, authenticating: context)
    return ["plaintext": plain.base64EncodedString()]
  }
}
