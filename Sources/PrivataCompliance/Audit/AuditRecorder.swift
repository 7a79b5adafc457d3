internal import PrivataCore
internal import Synchronization

/// Puts audit events into the journal.
final class AuditRecorder: Sendable {
  let journal: Journal
  private let writer: UInt64
  private let overflow: JournalOptions.Overflow
  private let counter = Atomic<UInt64>(UInt64.random(in: 0..<(1 << 40)))
  private let lastNanoseconds = Atomic<Int64>(0)
  private let missing = Atomic<Int>(0)
  private let clock: @Sendable () -> Int64

  /// A recorder; the clock tells nanoseconds since 1970.
  init(
    _ journal: Journal, writer: UInt64, overflow: JournalOptions.Overflow,
    clock: @escaping @Sendable () -> Int64 = { FileSystem.nanoseconds() }
  ) {
    self.journal = journal
    self.clock = clock
    self.writer = writer
    self.overflow = overflow
  }

  /// Refuses personal data while the journal has no room and the policy says so.
  ///
  /// - Throws: `auditUnavailable`.
  func checkRoom(isPersonal: Bool) throws(PrivataError) {
    guard isPersonal, overflow == .failClosedForPHI, !journal.hasRoom else { return }
    throw PrivataError(
      .auditUnavailable,
      "the audit journal is full and the audit store does not take its events: personal data is "
        + "refused until it does", isRetriable: true)
  }

  /// Records an event; returns once it survives the end of the process.
  ///
  /// - Throws: `auditUnavailable` where there is no room, the event concerns personal data and the
  ///   policy is to refuse.
  @discardableResult
  func record(
    _ context: AccessContext, scope: [UInt8], result: AuditResult, isPersonal: Bool
  ) throws(PrivataError) -> AuditEventID {
    let id = nextID()
    let bytes = AuditCoding.event(
      id: id.id, nanoseconds: id.at, context: context.encoded, scope: scope, result: result)
    do {
      if missing.load(ordering: .relaxed) > 0 { try recordGap() }
      try journal.append(bytes.span)
    } catch {
      if isPersonal && overflow == .failClosedForPHI { throw error }
      missing.add(1, ordering: .relaxed)
    }
    context.details?.receipt?.note(id.id)
    return id.id
  }

  /// Records events of one caller about personal data one behind the other, all or none.
  ///
  /// - Throws: as ``record(_:scope:result:isPersonal:)``.
  func record(
    _ context: AccessContext, all acts: [(scope: [UInt8], result: AuditResult)]
  ) throws(PrivataError) {
    guard !acts.isEmpty else { return }
    let events = acts.map { act in
      let id = nextID()
      return AuditCoding.event(
        id: id.id, nanoseconds: id.at, context: context.encoded, scope: act.scope,
        result: act.result)
    }
    do {
      if missing.load(ordering: .relaxed) > 0 { try recordGap() }
      try journal.append(all: events)
    } catch {
      if overflow == .failClosedForPHI { throw error }
      missing.add(acts.count, ordering: .relaxed)
    }
  }

  /// Records how many events are missing, now that there is room again.
  private func recordGap() throws(PrivataError) {
    let count = missing.exchange(0, ordering: .relaxed)
    guard count > 0 else { return }
    let id = nextID()
    let scope = AuditCoding.scope(.gap, model: "", fields: [], filterFields: [])
    let bytes = AuditCoding.event(
      id: id.id, nanoseconds: id.at, context: AccessContext.service.encoded, scope: scope,
      result: AuditResult(count: count))
    do {
      try journal.append(bytes.span)
    } catch {
      missing.add(count, ordering: .relaxed)
      throw error
    }
  }

  /// A moment behind every earlier one: the clock's, or a nanosecond after the last.
  private func moment() -> Int64 {
    let now = clock()
    var last = lastNanoseconds.load(ordering: .relaxed)
    while true {
      let (isDone, found) = lastNanoseconds.weakCompareExchange(
        expected: last, desired: max(now, last + 1), ordering: .relaxed)
      if isDone { return max(now, last + 1) }
      last = found
    }
  }

  /// A new id and its time, which never goes backwards though the clock may.
  private func nextID() -> (id: AuditEventID, at: Int64) {
    let at = moment()
    let count = counter.wrappingAdd(1, ordering: .relaxed).newValue
    let milliseconds = UInt64(at / 1_000_000)
    let high = milliseconds << 16 | 0x7000 | (count >> 32) & 0xFFF
    let low = 0b10 << 62 | (writer & 0x3FFF_FFFF) << 32 | count & 0xFFFF_FFFF
    return (AuditEventID(high: high, low: low), at)
  }
}
