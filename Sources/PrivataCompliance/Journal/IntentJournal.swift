internal import PrivataCore
internal import Synchronization

/// The open writes over two stores.
final class IntentJournal: Sendable {
  private struct State {
    var open: Set<UInt64> = []
  }

  private let journal: Journal
  private let state = Mutex(State())
  /// What an earlier process left open, in order.
  let leftOpen: [(sequence: UInt64, intent: Intent)]

  init(_ journal: Journal) throws(PrivataError) {
    self.journal = journal
    var found: [(sequence: UInt64, intent: Intent)] = []
    var cursor = Journal.Cursor(journal.done)
    while true {
      let records = try journal.records(&cursor, limit: 1_000)
      if records.isEmpty { break }
      for record in records {
        var reader = ByteReader(record.payload)
        if try reader.byte() == 0 {
          let ended = try reader.fixed(UInt64.self)
          found.removeAll { $0.sequence == ended }
        } else {
          found.append((record.sequence, try Intent(&reader)))
        }
      }
    }
    leftOpen = found
    state.withLock { $0.open = Set(found.map(\.sequence)) }
  }

  /// Takes nothing more.
  func close() { journal.close() }

  /// Records what is about to happen.
  func begin(_ intent: Intent) throws(PrivataError) -> UInt64 {
    // The number and the set change together, or `end` could forget an intent that has just begun.
    try state.withLock { state throws(PrivataError) in
      let sequence = try journal.append(([1] + intent.bytes).span)
      state.open.insert(sequence)
      return sequence
    }
  }

  /// Records that an intent is finished or undone.
  func end(_ sequence: UInt64) throws(PrivataError) {
    var writer = ByteWriter(capacity: 9)
    writer.append(0)
    writer.append(fixed: sequence)
    try state.withLock { state throws(PrivataError) in
      try journal.append(writer.bytes.span)
      state.open.remove(sequence)
      journal.markDone(state.open.min() ?? journal.next)
    }
  }
}
