internal import PrivataCore

/// Opens the files that an earlier process left, and checks every record.
struct JournalRecovery {
  struct Found {
    let segment: JournalSegment
    let index: Int
    /// The number behind the last record.
    let end: UInt64
  }

  private let name: String
  private let directory: String
  private let options: JournalOptions

  init(_ name: String, _ directory: String, _ options: JournalOptions) {
    self.name = name
    self.directory = directory
    self.options = options
  }

  /// The files in order.
  ///
  /// - Throws: `corrupt` with path and offset, unless the options say to set damaged files aside or
  ///   the damage is what a power cut leaves.
  func segments() throws(PrivataError) -> [Found] {
    var found: [Found] = []
    for (index, path) in files() {
      let segment: JournalSegment
      do {
        segment = try JournalSegment(opening: path)
      } catch {
        if try setAside(path, error) { continue }
        throw error
      }
      if let last = found.last, last.end != segment.firstSequence, options.damage == .refuse {
        throw JournalSegment.damaged(
          path, at: 0, "it begins with record \(segment.firstSequence), \(last.end) should follow")
      }
      found.append(Found(segment: segment, index: index, end: try end(of: segment)))
    }
    return found
  }

  private func files() -> [(index: Int, path: String)] {
    FileSystem.names(in: directory).compactMap { file in
      guard file.hasPrefix(name + "-"), file.hasSuffix(".journal"),
        let index = Int(file.dropFirst(name.count + 1).dropLast(8))
      else { return nil }
      return (index, "\(directory)/\(file)")
    }
  }

  private func end(of segment: JournalSegment) throws(PrivataError) -> UInt64 {
    var sequence = segment.firstSequence
    var offset = JournalSegment.headerSize
    while true {
      do {
        guard let record = try segment.record(at: offset, expecting: sequence) else {
          return sequence
        }
        offset = record.end
        sequence += 1
      } catch {
        if segment.mayBeTorn(at: offset) || segment.isUnfinished(at: offset, expecting: sequence) {
          return sequence
        }
        guard options.damage == .setAside else { throw error }
        try copyAside(segment)
        return sequence
      }
    }
  }

  private func setAside(_ path: String, _ error: PrivataError) throws(PrivataError) -> Bool {
    guard options.damage == .setAside, error.code == .corrupt else { return false }
    try FileSystem.rename(path, to: path + ".damaged")
    return true
  }

  private func copyAside(_ segment: JournalSegment) throws(PrivataError) {
    let bytes = segment.file.bytes(0..<segment.file.size)
    _ = try FileSystem.create(segment.file.path + ".damaged", bytes)
  }
}
