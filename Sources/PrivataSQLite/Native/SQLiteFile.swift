#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The file of a database.
struct SQLiteFile: Sendable {
  let path: String
  /// What errors call it: the last part of the path.
  let name: String
  /// The path from the root on; `nil` for a file without a name.
  let location: String?
  /// True for a file that loses its name once all connections are open, so that it ends with them.
  let isTemporary: Bool

  /// The file of a path; `:memory:` makes up a file in the system's memory.
  init(_ path: String) {
    isTemporary = path == ":memory:"
    if isTemporary {
      let number = String(UInt64.random(in: 0...UInt64.max), radix: 36)
      self.path = "\(Self.memoryFolder)/privata-\(getpid())-\(number).db"
      name = path
      location = nil
    } else {
      self.path = path
      name = path.split(separator: "/").last.map(String.init) ?? path
      location = path.hasPrefix("/") ? path : Self.currentFolder + "/" + path
    }
  }

  /// Linux keeps this folder in memory; elsewhere the temporary folder serves.
  private static var memoryFolder: String {
    if access("/dev/shm", W_OK) == 0 { return "/dev/shm" }
    return getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  }

  /// What tells this database from every other: its path, or a name of its own where it is temporary.
  var place: String {
    isTemporary ? ":memory:" + (path.split(separator: "-").last.map(String.init) ?? "") : path
  }

  private static var currentFolder: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  var exists: Bool { access(path, F_OK) == 0 }

  /// Makes the file where it is missing, for its owner alone: it will hold personal data. SQLite
  /// gives its log the same rights.
  func create() {
    let file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    if file >= 0 { close(file) }
  }

  /// Takes the names of the file and its log away; open connections go on.
  func removeNames() {
    for end in ["", "-wal", "-shm"] { unlink(path + end) }
  }
}
