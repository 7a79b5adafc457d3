import Foundation
internal import PrivataCore

/// The files and streams of a command.
enum Files {
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  static var userName: String { NSUserName() }

  static func writeError(_ line: String) {
    FileHandle.standardError.write(Data((line + "\n").utf8))
  }

  /// The bytes of a file that an option names.
  static func read(_ path: String, _ option: String) throws(PrivataError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .option(option, "there is no file at \(path)")
    }
    return Array(data)
  }

  /// Makes a file for its owner alone.
  ///
  /// - Throws: `badArgument` where there is one, or it cannot be made.
  static func create(_ path: String, _ option: String) throws(PrivataError) -> FileHandle {
    guard !exists(path) else {
      throw .option(option, "\(path) is there already; it is not written over")
    }
    let isMade = FileManager.default.createFile(
      atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    guard isMade, let handle = FileHandle(forWritingAtPath: path) else {
      throw .option(option, "\(path) cannot be written")
    }
    return handle
  }

  /// Writes a new file for its owner alone.
  static func write(
    _ bytes: [UInt8], to path: String, _ option: String
  ) throws(PrivataError) {
    let handle = try create(path, option)
    do {
      try handle.write(contentsOf: Data(bytes))
      try handle.close()
    } catch {
      throw .option(option, "\(path) cannot be written")
    }
  }

  static func write(_ text: String, to path: String, _ option: String) throws(PrivataError) {
    try write(Array(text.utf8), to: path, option)
  }
}

extension PrivataError {
  /// The error of an option, by its name.
  static func option(_ name: String, _ message: String) -> PrivataError {
    PrivataError(.badArgument, "\(name): \(message)", fields: [name])
  }
}
