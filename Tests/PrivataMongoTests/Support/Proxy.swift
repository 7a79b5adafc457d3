import Foundation
import Synchronization

/// Stands between a client and the server: it can stop passing on what it gets, cut the connections,
/// and go away altogether.
final class Proxy: Sendable {
  let port: UInt16
  private let target: UInt16
  private let sockets = Mutex<Set<Int32>>([])
  private let listener: Mutex<Int32>
  private let isStalled = Atomic(false)

  init(to target: UInt16) throws {
    self.target = target
    let (socket, port) = try Self.listen(port: 0)
    self.port = port
    listener = Mutex(socket)
    accept(on: socket)
  }

  /// The URL of the server behind the proxy; direct, or the client would learn the real address.
  func url(_ options: String = "") -> String {
    "mongodb://127.0.0.1:\(port)/?directConnection=true" + (options.isEmpty ? "" : "&" + options)
  }

  /// Keeps everything that arrives to itself until ``resume()``.
  func stall() { isStalled.store(true, ordering: .relaxed) }
  func resume() { isStalled.store(false, ordering: .relaxed) }

  /// Breaks all connections.
  func cut() {
    for socket in sockets.withLock({ $0 }) { shutdown(socket, Int32(SHUT_RDWR)) }
  }

  /// Breaks all connections and accepts no more.
  func stop() {
    let socket = listener.withLock { socket in
      defer { socket = -1 }
      return socket
    }
    if socket >= 0 {
      shutdown(socket, Int32(SHUT_RDWR))
      close(socket)
    }
    cut()
  }

  /// Accepts again, at the same port.
  func start() throws {
    let (socket, _) = try Self.listen(port: port)
    listener.withLock { $0 = socket }
    accept(on: socket)
  }

  private func accept(on socket: Int32) {
    Thread.detachNewThread { [self] in
      while true {
        let client = Glibc.accept(socket, nil, nil)
        guard client >= 0 else { return }
        guard let server = try? Self.connect(port: target) else {
          close(client)
          continue
        }
        sockets.withLock { _ = $0.insert(client) }
        pump(from: client, to: server)
        pump(from: server, to: client)
      }
    }
  }

  private func pump(from source: Int32, to sink: Int32) {
    Thread.detachNewThread { [self] in
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = recv(source, &buffer, buffer.count, 0)
        while isStalled.load(ordering: .relaxed) { usleep(2_000) }
        guard count > 0, send(sink, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
      }
      shutdown(source, Int32(SHUT_RDWR))
      shutdown(sink, Int32(SHUT_RDWR))
    }
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return address
  }

  private static func listen(port: UInt16) throws -> (Int32, UInt16) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    var address = address(port)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        let result = bind(socket, $0, size)
        getsockname(socket, $0, &size)
        return result
      }
    }
    guard bound == 0, Glibc.listen(socket, 128) == 0 else { throw POSIXError(.EADDRINUSE) }
    return (socket, UInt16(bigEndian: address.sin_port))
  }

  private static func connect(port: UInt16) throws -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(port)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(socket, $0, size) }
    }
    guard connected == 0 else { throw POSIXError(.ECONNREFUSED) }
    return socket
  }
}
