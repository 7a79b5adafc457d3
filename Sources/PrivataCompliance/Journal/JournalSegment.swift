internal import PrivataCore

/// One file of a journal: a header, then records one after another.
///
/// A record is its length (stored last), a CRC-32C over sequence and payload, its sequence number
/// and the payload, padded to eight bytes. A length of zero ends the file's records.
struct JournalSegment: Sendable {
  let file: MappedFile
  let writer: UInt64
  let firstSequence: UInt64

  static let headerSize = 64
  private static let magic: UInt64 = 0x314A_4154_4156_5250  // "PRVATAJ1"
  private static let frameSize = 16

  private enum Place {
    static let magic = 0, boot = 8, writer = 16, first = 24, check = 32, done = 40, doneCheck = 48
    static let synced = 56
  }

  /// Makes a new file.
  init(
    creating path: String, size: Int, writer: UInt64, firstSequence: UInt64
  ) throws(PrivataError) {
    // It gets its name with its header whole: a process that ends before leaves no half of a file.
    let unnamed = path + ".new"
    FileSystem.remove(unnamed)
    file = try MappedFile(path: unnamed, size: size, isNew: true, named: path)
    self.writer = writer
    self.firstSequence = firstSequence
    file.store(Self.magic, at: Place.magic)
    file.store(FileSystem.bootID(), at: Place.boot)
    file.store(writer, at: Place.writer)
    file.store(firstSequence, at: Place.first)
    file.store(UInt64(Self.headerSize), at: Place.synced)
    file.store(headerCheck, at: Place.check)
    markDone(firstSequence)
    try FileSystem.rename(unnamed, to: path)
  }

  /// Opens a file that an earlier process made.
  ///
  /// - Throws: `corrupt` with path and offset where the header is damaged.
  init(opening path: String) throws(PrivataError) {
    file = try MappedFile(path: path, size: 0, isNew: false)
    guard file.size >= Self.headerSize,
      file.load(UInt64.self, at: Place.magic) == Self.magic
    else { throw JournalSegment.damaged(path, at: 0, "it does not begin as a journal") }
    writer = file.load(UInt64.self, at: Place.writer)
    firstSequence = file.load(UInt64.self, at: Place.first)
    guard file.load(UInt32.self, at: Place.check) == headerCheck else {
      throw JournalSegment.damaged(path, at: 0, "the checksum of its header is wrong")
    }
  }

  private var headerCheck: UInt32 { CRC32C.of(file.bytes(0..<Place.check).span) }

  // MARK: - Appending

  /// The bytes that a payload takes.
  static func space(for count: Int) -> Int { (frameSize + count + 7) & ~7 }

  /// Stores a record at an offset and answers the next offset; `nil` where it does not fit.
  func append(
    _ payload: Span<UInt8>, sequence: UInt64, check: UInt32, at offset: Int
  ) -> Int? {
    let end = offset + Self.space(for: payload.count)
    guard end + 8 <= file.size else { return nil }
    file.store(Self.finish(check, sequence), at: offset + 4)
    file.store(sequence, at: offset + 8)
    file.store(payload, at: offset + Self.frameSize)
    // Last, and after all else: who sees the length sees the record.
    file.publish(UInt32(payload.count), at: offset)
    return end
  }

  /// The state of a record's checksum after its payload, which needs no lock.
  static func check(_ payload: Span<UInt8>) -> UInt32 { CRC32C.update(CRC32C.start, payload) }

  private static func finish(_ state: UInt32, _ sequence: UInt64) -> UInt32 {
    let low = UInt32(truncatingIfNeeded: sequence)
    let high = UInt32(truncatingIfNeeded: sequence >> 32)
    // The sequence is folded in by a bijection of the checksum: a moved record does not match.
    return CRC32C.finish(state) ^ (low &* 0x9E37_79B1) ^ (high &* 0x85EB_CA77)
  }

  // MARK: - Reading

  /// One record.
  struct Record: Sendable {
    let sequence: UInt64
    let payload: [UInt8]
    /// Where the next record begins.
    let end: Int
  }

  /// The record at an offset, `nil` behind the last one.
  ///
  /// - Throws: `corrupt` with path and offset where length, checksum or sequence is wrong.
  func record(at offset: Int, expecting sequence: UInt64) throws(PrivataError) -> Record? {
    guard offset + 8 <= file.size else { return nil }
    let length = Int(file.published(at: offset))
    guard length > 0 else {
      let isEnd = file.isZero(offset..<min(offset + 16, file.size))
      if isEnd { return nil }
      throw JournalSegment.damaged(file.path, at: offset, "a record has lost its length")
    }
    let end = offset + Self.space(for: length)
    guard end + 8 <= file.size else {
      throw JournalSegment.damaged(file.path, at: offset, "a record's length leads out of the file")
    }
    let payload = file.bytes(offset + Self.frameSize..<offset + Self.frameSize + length)
    let found = file.load(UInt64.self, at: offset + 8)
    guard file.load(UInt32.self, at: offset + 4) == Self.finish(Self.check(payload.span), found)
    else { throw JournalSegment.damaged(file.path, at: offset, "a record's checksum is wrong") }
    guard file.isZero(offset + Self.frameSize + length..<end) else {
      throw JournalSegment.damaged(file.path, at: offset, "what fills up a record is not zero")
    }
    guard found == sequence else {
      throw JournalSegment.damaged(
        file.path, at: offset, "record \(found) stands where \(sequence) should")
    }
    return Record(sequence: found, payload: payload, end: end)
  }

  /// True where a process ended while it stored a record: its length, which is stored last, is not
  /// there, and neither is a record behind it. Nobody was told that such a record is kept.
  func isUnfinished(at offset: Int, expecting sequence: UInt64) -> Bool {
    guard offset + Self.frameSize <= file.size, file.published(at: offset) == 0, done <= sequence
    else { return false }
    let found = file.load(UInt64.self, at: offset + 8)
    guard found == sequence || found == 0 else { return false }
    var next = offset + Self.space(for: 1)
    while next + Self.frameSize <= file.size {
      if file.load(UInt64.self, at: next + 8) == sequence + 1,
        let record = try? record(at: next, expecting: sequence + 1), record.end > next
      {
        return false
      }
      next += 8
    }
    return true
  }

  static func damaged(_ path: String, at offset: Int, _ why: String) -> PrivataError {
    PrivataError(
      .corrupt,
      """
      the journal \(path) is damaged at offset \(offset): \(why). Nothing was changed; keep the \
      file, and set it aside with JournalOptions.damage to go on
      """)
  }

  // MARK: - What is done with

  /// Remembers that all records before a sequence number are done with.
  func markDone(_ sequence: UInt64) {
    file.store(sequence, at: Place.done)
    file.store(~sequence, at: Place.doneCheck)
  }

  /// The sequence number before which all records are done with; the first one where the mark is
  /// torn, so that records are rather sent twice than never.
  var done: UInt64 {
    let mark = file.load(UInt64.self, at: Place.done)
    guard file.load(UInt64.self, at: Place.doneCheck) == ~mark, mark >= firstSequence else {
      return firstSequence
    }
    return mark
  }

  /// Waits for the disk, then remembers how far it came.
  func sync(to offset: Int) throws(PrivataError) {
    try file.sync()
    file.store(UInt64(offset), at: Place.synced)
  }

  /// True where damage at an offset can come of a power cut: it lies behind the last sync, and the
  /// machine was started since.
  func mayBeTorn(at offset: Int) -> Bool {
    file.load(UInt64.self, at: Place.boot) != FileSystem.bootID()
      && UInt64(offset) >= file.load(UInt64.self, at: Place.synced)
  }
}
