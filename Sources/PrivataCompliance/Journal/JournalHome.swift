internal import PrivataCore
internal import Synchronization

/// A directory of journals that one process writes to, and the directories that processes which
/// have ended left behind.
///
/// Each process locks a directory of its own below the vault's journal directory, so that any number
/// of them share one identity store. The system releases the lock however a process ends.
final class JournalHome: Sendable {
  let path: String
  let writer: UInt64
  private let lock: Mutex<FileLock?>

  private init(path: String, writer: UInt64, lock: consuming FileLock) {
    self.path = path
    self.writer = writer
    self.lock = Mutex(lock)
  }

  /// Gives the directory to whoever takes it next.
  func release() { lock.withLock { $0 = nil } }

  /// Takes a directory that nobody holds, or makes one.
  static func take(in directory: String) throws(PrivataError) -> JournalHome {
    try FileSystem.makeDirectory(directory)
    for name in FileSystem.names(in: directory) {
      if let home = adopt(name, in: directory) { return home }
    }
    while true {
      let writer = UInt64.random(in: 1...UInt64.max)
      let name = "writer-" + hexadecimal(writer)
      try FileSystem.makeDirectory("\(directory)/\(name)")
      if let home = adopt(name, in: directory) { return home }
    }
  }

  /// The directories that other processes left when they ended.
  static func abandoned(in directory: String) -> [JournalHome] {
    FileSystem.names(in: directory).compactMap { adopt($0, in: directory) }
  }

  /// Removes the directory with all that is in it.
  func remove() {
    for name in FileSystem.names(in: path) { FileSystem.remove("\(path)/\(name)") }
    FileSystem.removeDirectory(path)
  }

  private static func adopt(_ name: String, in directory: String) -> JournalHome? {
    guard name.hasPrefix("writer-"), let writer = UInt64(name.dropFirst(7), radix: 16) else {
      return nil
    }
    let path = "\(directory)/\(name)"
    guard let lock = FileLock("\(path)/lock") else { return nil }
    return JournalHome(path: path, writer: writer, lock: lock)
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
