internal import PrivataCore
internal import Synchronization

/// An append-only sequence of records in memory-mapped files, with one writing process.
///
/// A record that ``append(_:)`` has taken survives the end of the process at once. What is done with
/// is forgotten by ``markDone(_:)``, file by file.
final class Journal: Sendable {
  private struct State {
    var segments: [Part]
    var offset: Int
    var next: UInt64
    var index: Int
    var isClosed = false

    /// The number of the first record that is not done with.
    var done: UInt64 {
      for part in segments where part.segment.done < (part.end ?? next) { return part.segment.done }
      return next
    }
  }

  /// A file and, once another has followed it, where its records end.
  private struct Part {
    let segment: JournalSegment
    var end: UInt64?
  }

  let directory: String
  private let name: String
  private let options: JournalOptions
  private let writer: UInt64
  private let state: Mutex<State>

  /// Opens the journal of a name in a directory that this process has locked, with what an earlier
  /// process left in it.
  ///
  /// - Throws: `corrupt` with path and offset for damaged files, unless the options set them aside.
  init(
    _ name: String, in directory: String, writer: UInt64, options: JournalOptions
  ) throws(PrivataError) {
    self.directory = directory
    self.name = name
    self.options = options
    self.writer = writer
    let found = try JournalRecovery(name, directory, options).segments()
    let next = found.last?.end ?? 0
    let index = (found.last?.index ?? 0) + 1
    let segment = try JournalSegment(
      creating: Self.path(directory, name, index), size: options.segmentBytes, writer: writer,
      firstSequence: next)
    var parts = found.map { Part(segment: $0.segment, end: $0.end) }
    parts.append(Part(segment: segment, end: nil))
    state = Mutex(
      State(segments: parts, offset: JournalSegment.headerSize, next: next, index: index))
    // Files whose records are all done with were kept only for their numbers.
    markDone(done)
  }

  static func path(_ directory: String, _ name: String, _ index: Int) -> String {
    let digits = String(index)
    let zeros = String(repeating: "0", count: max(0, 10 - digits.count))
    return "\(directory)/\(name)-\(zeros)\(digits).journal"
  }

  // MARK: - Appending

  /// Appends a record and answers its sequence number.
  ///
  /// - Throws: `auditUnavailable` where the journal has reached its bound or the disk is full,
  ///   `closed` after ``close()``.
  @discardableResult
  func append(_ payload: Span<UInt8>) throws(PrivataError) -> UInt64 {
    let check = JournalSegment.check(payload)
    return try state.withLock { state throws(PrivataError) in
      if state.isClosed { throw Self.closed }
      let sequence = state.next
      if let end = state.segments[state.segments.count - 1].segment.append(
        payload, sequence: sequence, check: check, at: state.offset)
      {
        state.offset = end
      } else {
        try rotate(&state, for: payload.count)
        let end = state.segments[state.segments.count - 1].segment.append(
          payload, sequence: sequence, check: check, at: state.offset)
        guard let end else { throw full("a record does not fit into an empty file") }
        state.offset = end
      }
      state.next = sequence + 1
      if options.isStrict {
        try state.segments[state.segments.count - 1].segment.sync(to: state.offset)
      }
      return sequence
    }
  }

  /// Appends records one behind the other: all of them or, where there is no room, none.
  ///
  /// - Throws: as ``append(_:)``.
  func append(all payloads: [[UInt8]]) throws(PrivataError) {
    let checks = payloads.map { JournalSegment.check($0.span) }
    let space = payloads.reduce(0) { $0 + JournalSegment.space(for: $1.count) }
    try state.withLock { state throws(PrivataError) in
      if state.isClosed { throw Self.closed }
      // One file takes all, so that nothing can fail between two of them.
      if state.offset + space + 8 > state.segments[state.segments.count - 1].segment.file.size {
        try rotate(&state, for: space)
      }
      let segment = state.segments[state.segments.count - 1].segment
      for (payload, check) in zip(payloads, checks) {
        let end = segment.append(
          payload.span, sequence: state.next, check: check, at: state.offset)
        guard let end else { throw full("records do not fit into an empty file") }
        state.offset = end
        state.next += 1
      }
      if options.isStrict { try segment.sync(to: state.offset) }
    }
  }

  private func rotate(_ state: inout State, for count: Int) throws(PrivataError) {
    let used = state.segments.reduce(0) { $0 + $1.segment.file.size }
    let size = max(
      options.segmentBytes, JournalSegment.headerSize + JournalSegment.space(for: count) + 8)
    guard used + size <= options.maximumBytes else {
      throw full("it has reached its bound of \(options.maximumBytes) bytes")
    }
    let index = state.index + 1
    let segment: JournalSegment
    do {
      segment = try JournalSegment(
        creating: Self.path(directory, name, index), size: size, writer: writer,
        firstSequence: state.next)
    } catch {
      throw full(error.message)
    }
    state.segments[state.segments.count - 1].end = state.next
    state.segments.append(Part(segment: segment, end: nil))
    state.index = index
    state.offset = JournalSegment.headerSize
  }

  /// True where a further record surely fits: behind it in its file, or in one more file.
  var hasRoom: Bool {
    state.withLock { state in
      guard let last = state.segments.last else { return false }
      if state.offset + 65_536 < last.segment.file.size { return true }
      let used = state.segments.reduce(0) { $0 + $1.segment.file.size }
      return used + options.segmentBytes <= options.maximumBytes
    }
  }

  /// The size of all files, and the bound of it.
  var usedBytes: Int { state.withLock { $0.segments.reduce(0) { $0 + $1.segment.file.size } } }
  var maximumBytes: Int { options.maximumBytes }

  private func full(_ why: String) -> PrivataError {
    PrivataError(
      .auditUnavailable, "the journal in \(directory) takes no record: \(why)", isRetriable: true)
  }

  // MARK: - Reading

  /// The number of the next record.
  var next: UInt64 { state.withLock { $0.next } }

  /// The number of the first record that is not done with.
  var done: UInt64 { state.withLock { $0.done } }

  /// How many records wait.
  var pending: Int { state.withLock { Int($0.next - $0.done) } }

  /// Where a reader stands.
  struct Cursor: Sendable {
    fileprivate var path: String?
    fileprivate var offset = JournalSegment.headerSize
    /// The number of the record to come.
    fileprivate(set) var sequence: UInt64

    /// Before the record of a number.
    init(_ sequence: UInt64) { self.sequence = sequence }
  }

  /// At most `limit` records from the cursor on, which moves behind them.
  ///
  /// - Throws: `corrupt` where a file was damaged since.
  func records(
    _ cursor: inout Cursor, limit: Int
  ) throws(PrivataError) -> [JournalSegment.Record] {
    var records: [JournalSegment.Record] = []
    let (parts, next) = state.withLock { ($0.segments, $0.next) }
    for part in parts where (part.end ?? next) > cursor.sequence {
      try read(part.segment, upTo: part.end ?? next, &cursor, limit, &records)
      if records.count >= limit { break }
    }
    return records
  }

  private func read(
    _ segment: JournalSegment, upTo end: UInt64, _ cursor: inout Cursor, _ limit: Int,
    _ records: inout [JournalSegment.Record]
  ) throws(PrivataError) {
    var sequence = cursor.sequence
    if cursor.path != segment.file.path {
      cursor.path = segment.file.path
      cursor.offset = JournalSegment.headerSize
      sequence = segment.firstSequence
    }
    while sequence < end, records.count < limit {
      guard let record = try segment.record(at: cursor.offset, expecting: sequence) else { return }
      if sequence >= cursor.sequence { records.append(record) }
      cursor.offset = record.end
      sequence += 1
      cursor.sequence = max(cursor.sequence, sequence)
    }
  }

  // MARK: - Done with

  /// Forgets the records before a number; files without others are removed.
  func markDone(_ sequence: UInt64) {
    state.withLock { state in
      guard let last = state.segments.last, !state.isClosed else { return }
      last.segment.markDone(max(sequence, last.segment.firstSequence))
      for part in state.segments.dropLast() {
        part.segment.markDone(max(sequence, part.segment.firstSequence))
      }
      let isGone: (Part) -> Bool = { part in part.end.map { $0 <= sequence } ?? false }
      for part in state.segments where isGone(part) { FileSystem.remove(part.segment.file.path) }
      state.segments.removeAll(where: isGone)
    }
  }

  // MARK: - The end

  /// Takes no record from now on: another vault may have the files next.
  func close() { state.withLock { $0.isClosed = true } }

  /// - Throws: `closed` after ``close()``.
  func checkOpen() throws(PrivataError) {
    if state.withLock({ $0.isClosed }) { throw Self.closed }
  }

  private static var closed: PrivataError { PrivataError(.closed, "the vault has been closed") }

  /// Waits until all records are on the disk.
  func sync() throws(PrivataError) {
    let (segments, offset) = state.withLock { ($0.segments, $0.offset) }
    for part in segments {
      try part.segment.sync(to: part.end == nil ? offset : part.segment.file.size)
    }
  }
}
