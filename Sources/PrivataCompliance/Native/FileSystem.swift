internal import PrivataCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What the journal asks of the file system.
enum FileSystem {
  /// Makes a directory and those above it, for its owner alone.
  static func makeDirectory(_ path: String) throws(PrivataError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty || made == "/" ? "" : "/") + part
      guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw FileError.failed("make directory", made)
      }
    }
  }

  /// The names in a directory, sorted; empty where it does not exist.
  static func names(in path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The bytes of a file, `nil` where it does not exist.
  static func read(_ path: String) throws(PrivataError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError.failed("open", path)
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes {
        #if canImport(Glibc)
          Glibc.read(descriptor, $0.baseAddress, $0.count)
        #elseif canImport(Musl)
          Musl.read(descriptor, $0.baseAddress, $0.count)
        #else
          Darwin.read(descriptor, $0.baseAddress, $0.count)
        #endif
      }
      if count < 0 { throw FileError.failed("read", path) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  /// Writes a new file for its owner alone and waits until it is on the disk; false where a file of
  /// the name is there already.
  static func create(_ path: String, _ bytes: [UInt8]) throws(PrivataError) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      if errno == EEXIST { return false }
      throw FileError.failed("create", path)
    }
    defer { close(descriptor) }
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count, fsync(descriptor) == 0 else {
      throw FileError.failed("write", path)
    }
    return true
  }

  /// Adds bytes to the end of a file, for its owner alone, and waits until they are on the disk.
  static func append(_ path: String, _ bytes: [UInt8]) throws(PrivataError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileError.failed("open", path) }
    defer { close(descriptor) }
    let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    guard written == bytes.count, fsync(descriptor) == 0 else {
      throw FileError.failed("write", path)
    }
  }

  /// True where two paths lead to one file.
  static func isSameFile(_ path: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(path, &first) == 0, stat(other, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Renames a file.
  static func rename(_ path: String, to other: String) throws(PrivataError) {
    #if canImport(Glibc)
      let code = Glibc.rename(path, other)
    #elseif canImport(Musl)
      let code = Musl.rename(path, other)
    #else
      let code = Darwin.rename(path, other)
    #endif
    guard code == 0 else { throw FileError.failed("rename", path) }
  }

  /// Removes a file, if it is there.
  static func remove(_ path: String) { unlink(path) }

  /// Removes an empty directory, if it is there.
  static func removeDirectory(_ path: String) { rmdir(path) }

  /// The id of the machine's current run; another one after each start.
  static func bootID() -> UInt64 {
    let text = (try? read("/proc/sys/kernel/random/boot_id")) ?? nil
    return (text ?? []).reduce(14_695_981_039_346_656_037) {
      ($0 ^ UInt64($1)) &* 1_099_511_628_211
    }
  }

  /// A variable of the environment.
  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Nanoseconds since 1970 by the system's clock.
  static func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

/// A lock file that one process holds; the system releases it however the process ends.
struct FileLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock; `nil` where another process has it.
  init?(_ path: String) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

/// Errors of the file system, with the path and what the system said.
enum FileError {
  static func failed(_ verb: String, _ path: String, _ code: Int32 = errno) -> PrivataError {
    let reason = String(cString: strerror(code))
    let isFull = code == ENOSPC || code == EDQUOT
    return PrivataError(
      isFull ? .diskFull : .rejectedByStore, "cannot \(verb) \(path): \(reason)",
      isRetriable: isFull)
  }
}
