import Foundation
import PrivataCore

/// A server of the test's own, to be stopped, stalled and started again.
final class ThrowawayServer: Sendable {
  let folder: String
  let port: Int
  var url: String { "postgres://postgres@127.0.0.1:\(port)/postgres" }

  init() throws {
    folder = "/tmp/privata-postgres-\(UInt32.random(in: 0 ... .max))"
    port = try Self.freePort()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    if getuid() == 0 { try Self.run("/bin/chown", ["postgres", folder]) }
    try Self.runAsOwner("initdb", ["-D", "\(folder)/data", "-U", "postgres", "-A", "trust", "-N"])
    try start()
  }

  deinit {
    try? stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  func start() throws {
    let options = """
      -p \(port) -c listen_addresses=127.0.0.1 -c unix_socket_directories=\(folder) \
      -c fsync=off -c max_connections=20
      """
    try Self.runAsOwner(
      "pg_ctl", ["-D", "\(folder)/data", "-w", "-l", "\(folder)/log", "-o", options, "start"])
  }

  /// Ends the server at once, as a crash would.
  func stop() throws {
    try Self.runAsOwner("pg_ctl", ["-D", "\(folder)/data", "-w", "-m", "immediate", "stop"])
  }

  private static func runAsOwner(_ program: String, _ arguments: [String]) throws {
    let path = try folderOfPrograms() + "/" + program
    if getuid() == 0 {
      try run("/sbin/runuser", ["-u", "postgres", "--", path] + arguments)
    } else {
      try run(path, arguments)
    }
  }

  private static func folderOfPrograms() throws -> String {
    let root = "/usr/lib/postgresql"
    let versions = try FileManager.default.contentsOfDirectory(atPath: root).sorted()
    for version in versions.reversed() {
      let folder = "\(root)/\(version)/bin"
      if FileManager.default.isExecutableFile(atPath: "\(folder)/initdb") { return folder }
    }
    throw PrivataError(.notFound, "no PostgreSQL server is installed")
  }

  // Foundation's Process waits until a pipe closes that the server inherits, and so for ever.
  private static func run(_ path: String, _ arguments: [String]) throws {
    var quiet = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&quiet)
    defer { posix_spawn_file_actions_destroy(&quiet) }
    for descriptor: Int32 in 0...2 {
      posix_spawn_file_actions_addopen(&quiet, descriptor, "/dev/null", O_RDWR, 0)
    }
    var words = ([path] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var pid = pid_t()
    var status: Int32 = 0
    guard posix_spawn(&pid, path, &quiet, nil, words, environ) == 0,
      waitpid(pid, &status, 0) == pid, status == 0
    else { throw PrivataError(.badArgument, "\(path) \(arguments) failed") }
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard bound else { throw PrivataError(.badArgument, "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }
}
