import Foundation
import PrivataCore
import Synchronization

@testable import PrivataMongo

/// A server of the test's own, a replica set of one, that can be stopped, killed, started again and
/// told to fail. A shell watches over it and ends it when the tests' process is gone, however it
/// ended.
final class ThrowawayMongo: Sendable {
  let port: UInt16
  private let folder: String
  private let program: String
  private let watch = Mutex(Watch())

  private struct Watch {
    var shell: pid_t = 0
    /// The shell ends the server when nobody holds this end of its input.
    var input: Int32 = -1
  }

  init() throws {
    folder = "/tmp/privata-mongo-\(UInt32.random(in: 0 ... .max))"
    port = try Self.freePort()
    program = try Self.run("/bin/bash", ["\(Self.root)/Scripts/mongod.sh"])
    try FileManager.default.createDirectory(
      atPath: folder + "/data", withIntermediateDirectories: true)
    try start()
    _ = try Self.run(
      "/usr/bin/env",
      ["python3", "\(Self.root)/Scripts/mongo_initiate.py", "\(port)", "own", "own", "own"])
  }

  deinit {
    kill()
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The address of the server alone, without the set around it.
  func url(_ options: String = "") -> String {
    "mongodb://127.0.0.1:\(port)/?directConnection=true" + (options.isEmpty ? "" : "&" + options)
  }

  func store(
    _ urlOptions: String = "", _ options: MongoOptions = MongoOptions()
  ) async throws -> MongoStore {
    try await MongoStore.open(url(urlOptions), database: "faults", options: options)
  }

  func start() throws {
    let script = "\"$@\" >/dev/null 2>&1 & echo $! >\(folder)/pid; read line; kill -9 $!"
    let arguments = [
      "/bin/sh", "-c", script, "sh", program, "--dbpath", folder + "/data", "--port", "\(port)",
      "--bind_ip", "127.0.0.1", "--nounixsocket", "--replSet", "own",
      "--setParameter", "enableTestCommands=1", "--wiredTigerCacheSizeGB", "0.25",
      "--setParameter", "diagnosticDataCollectionEnabled=false",
    ]
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
    // No other child is to hold the end that tells the shell to go.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_RDWR, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_RDWR, 0)
    var words = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var shell = pid_t()
    guard posix_spawn(&shell, arguments[0], &actions, nil, words, environ) == 0 else {
      close(ends[1])
      throw PrivataError(.badArgument, "mongod cannot be started")
    }
    watch.withLock { $0 = Watch(shell: shell, input: ends[1]) }
  }

  /// Stops the process where it is; nothing is lost.
  func freeze() { signal(SIGSTOP) }
  func thaw() { signal(SIGCONT) }

  /// Ends the process as a crash would.
  func kill() {
    signal(SIGKILL)
    let watch = watch.withLock { watch in
      defer { watch = Watch() }
      return watch
    }
    guard watch.shell > 0 else { return }
    close(watch.input)
    waitpid(watch.shell, nil, 0)
  }

  private func signal(_ number: Int32) {
    let text = (try? String(contentsOfFile: folder + "/pid", encoding: .utf8)) ?? ""
    guard let process = pid_t(text.filter(\.isNumber)) else { return }
    _ = Foundation.kill(process, number)
  }

  /// Has the next commands of these names fail as `data` says, so many times.
  func fail(_ commands: [String], times: Int = 1, _ data: Document) async throws {
    let store = try await store()
    var all: Document = ["failCommands": .array(commands.map { .string($0) })]
    for element in data { all.append(element.key, element.value) }
    _ = try await store.runCommand(
      [
        "configureFailPoint": "failCommand", "mode": ["times": .int(times)], "data": .document(all),
      ],
      database: "admin")
    await store.close()
  }

  private static var root: String {
    URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
      .replacing("//", with: "/")
  }

  /// Runs a program to its end and answers the last line that it wrote.
  private static func run(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw PrivataError(.badArgument, "\(arguments) failed")
    }
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    return lines.last.map(String.init) ?? ""
  }

  private static func freePort() throws -> UInt16 {
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
    return UInt16(bigEndian: address.sin_port)
  }
}
