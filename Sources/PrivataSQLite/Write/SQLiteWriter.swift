internal import PrivataCore
internal import Synchronization

/// The one connection that writes, and the tasks that want it.
///
/// A task that finds the writer free runs inline. Tasks that wait are grouped: the first of them runs
/// the writes of all in one transaction, so that a commit, which may wait for the disk, is shared.
/// Each write is undone by itself where it fails, and its task gets its own error.
final class SQLiteWriter: Sendable {
  private enum Entry: Sendable {
    case job(WriteJob)
    case owner(Waiter<SQLiteSession>)
  }

  private struct State: Sendable {
    /// The connection, `nil` while some task has it.
    var session: SQLiteSession?
    /// True while a transaction of a program has the writer, which may last.
    var isOwned = false
    var queue: [Entry] = []
    var isClosed = false
  }

  private let state: Mutex<State>
  private let file: String
  private let patience: Int
  /// Called after each commit, with the writer still taken.
  private let didCommit: @Sendable (SQLiteSession) -> Void

  /// The most writes in one commit.
  private static let groupLimit = 128

  init(
    _ session: SQLiteSession, patience: Int,
    didCommit: @escaping @Sendable (SQLiteSession) -> Void
  ) {
    state = Mutex(State(session: session))
    file = session.file
    self.patience = patience
    self.didCommit = didCommit
  }

  private enum Turn { case now(SQLiteSession), wait(bounded: Bool), closed }

  /// Runs a write. It may run again where another process held the file's lock.
  func run<Action: WriteAction>(_ action: Action) async throws(PrivataError) -> Action.Answer {
    if let session = take() {
      defer { release(session) }
      do throws(PrivataError) {
        return try attempt(action, session)
      } catch {
        guard error.code == .busy else { throw error }
      }
      return try await retry(action, session)
    }
    let job = ActionJob(action)
    if let session = try await wait(for: job) { await lead(job, session) }
    guard let result = job.result else { throw closed }
    return try result.get()
  }

  /// The writer as the caller's own until it gives it back with ``release()``.
  func own() async throws(PrivataError) -> SQLiteSession {
    let waiter = Waiter<SQLiteSession>()
    let turn = state.withLock { state -> Turn in
      if state.isClosed { return .closed }
      if let session = state.session.take() {
        state.isOwned = true
        return .now(session)
      }
      state.queue.append(.owner(waiter))
      return .wait(bounded: true)
    }
    switch turn {
    case .now(let session): return session
    case .wait: return try await waiter.gift(within: patience, or: busy)
    case .closed: throw closed
    }
  }

  /// Gives the writer to the task that has waited longest.
  func release(_ session: SQLiteSession) {
    while true {
      let entry = state.withLock { state -> Entry? in
        state.isOwned = false
        guard !state.queue.isEmpty else {
          if !state.isClosed { state.session = session }
          return nil
        }
        let entry = state.queue.removeFirst()
        if case .owner = entry { state.isOwned = true }
        return entry
      }
      switch entry {
      case nil: return
      case .job(let job)?: if job.waiter.resume(.success(session)) { return }
      case .owner(let waiter)?: if waiter.resume(.success(session)) { return }
      }
    }
  }

  /// Refuses further writes and waits for the one that runs.
  func close() async -> SQLiteSession? {
    let session = try? await own()
    let waiting = state.withLock { state in
      state.isClosed = true
      state.session = nil
      defer { state.queue = [] }
      return state.queue
    }
    for entry in waiting {
      switch entry {
      case .job(let job): _ = job.waiter.resume(.failure(closed))
      case .owner(let waiter): _ = waiter.resume(.failure(closed))
      }
    }
    return session
  }

  private func take() -> SQLiteSession? { state.withLock { $0.session.take() } }

  /// Waits until the writer is the task's, or until another task has run the job; then `nil`.
  private func wait(for job: WriteJob) async throws(PrivataError) -> SQLiteSession? {
    let turn = state.withLock { state -> Turn in
      if state.isClosed { return .closed }
      if let session = state.session.take() { return .now(session) }
      // Writes come to an end by themselves; only a program's transaction may not.
      let hasOwner =
        state.isOwned || state.queue.contains { if case .owner = $0 { true } else { false } }
      state.queue.append(.job(job))
      return .wait(bounded: hasOwner)
    }
    switch turn {
    case .now(let session): return session
    case .closed: throw closed
    case .wait(let bounded):
      return try await job.waiter.gift(within: bounded ? patience : nil, or: busy)
    }
  }

  private var busy: PrivataError {
    PrivataError(
      .busy, "another transaction kept \(file) for too long", isRetriable: true)
  }

  private var closed: PrivataError {
    PrivataError(.closed, "the store of \(file) is closed")
  }
}

// MARK: - Running writes

extension SQLiteWriter {
  @inline(__always)
  private func attempt<Action: WriteAction>(
    _ action: Action, _ session: SQLiteSession
  ) throws(PrivataError) -> Action.Answer {
    if session.watch.isSet { session.watch.clear() }
    do throws(PrivataError) {
      let answer = try action.run(session)
      didCommit(session)
      return answer
    } catch {
      session.rollback()
      throw error
    }
  }

  /// Goes on trying while another process has the file's lock.
  private func retry<Action: WriteAction>(
    _ action: Action, _ session: SQLiteSession
  ) async throws(PrivataError) -> Action.Answer {
    var delays = LockDelays(patience: patience)
    while true {
      let isPatient = await delays.next()
      do throws(PrivataError) {
        return try attempt(action, session)
      } catch {
        guard error.code == .busy, isPatient else { throw error }
      }
    }
  }

  /// Runs a job and those that wait behind it in one transaction.
  private func lead(_ own: WriteJob, _ session: SQLiteSession) async {
    let others = state.withLock { state -> [WriteJob] in
      var jobs: [WriteJob] = []
      while jobs.count < Self.groupLimit, case .job(let job)? = state.queue.first {
        if job.claim() { jobs.append(job) }
        state.queue.removeFirst()
      }
      return jobs
    }
    await run([own] + others, session)
    for job in others { _ = job.waiter.resume(.success(nil)) }
    release(session)
  }

  private func run(_ group: [WriteJob], _ session: SQLiteSession) async {
    guard !group.isEmpty else { return }
    do throws(PrivataError) {
      try await begin(session)
      for job in group {
        job.run(session)
        // Some failures, such as a cancelled statement's, end the whole transaction: again without.
        guard session.isInTransaction else {
          return await run(group.filter { !$0.hasFailed }, session)
        }
      }
      try session.commit()
      didCommit(session)
    } catch {
      session.rollback()
      for job in group where !job.hasFailed { job.fail(error) }
    }
  }

  /// Begins, and waits in the task where another process has the file's lock.
  private func begin(_ session: SQLiteSession) async throws(PrivataError) {
    var delays = LockDelays(patience: patience)
    while true {
      do throws(PrivataError) {
        return try session.begin()
      } catch {
        guard error.code == .busy, await delays.next() else { throw error }
      }
    }
  }
}

/// How long to wait between two attempts at a lock that another process has: longer each time, up to
/// a bound for all.
struct LockDelays {
  private let end: UInt64
  private var milliseconds = 1

  init(patience: Int) { end = SQLiteClock.after(milliseconds: patience) }

  /// Waits; false once patience is over or the task is cancelled.
  mutating func next() async -> Bool {
    guard SQLiteClock.now < end else { return false }
    do {
      try await Task.sleep(for: .milliseconds(Int.random(in: 1...milliseconds)))
    } catch {
      return false
    }
    milliseconds = min(milliseconds * 2, 50)
    return true
  }
}
