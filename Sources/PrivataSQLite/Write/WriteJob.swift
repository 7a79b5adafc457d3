internal import PrivataCore
internal import Synchronization

/// A write that waits for the writer; whoever has the writer may run it for its task.
class WriteJob: @unchecked Sendable {
  // Safe: subclasses keep their result between the run and the hand-over, which one task does.
  private let stage = Stage()
  /// Receives the writer, to run this job and those that wait behind it, or `nil` once another task
  /// has run the job.
  let waiter: Waiter<SQLiteSession?>

  init() {
    waiter = Waiter(
      mayGiveUp: { [stage] in stage.abandon() }, didCancel: { [stage] in stage.cancel() })
  }

  /// True once the waiting task was cancelled.
  var isCancelled: Bool { stage.isCancelled }

  /// Takes the job to run it. False where its task has given up.
  func claim() -> Bool { stage.claim() }

  /// Runs the job and keeps its result.
  func run(_ session: SQLiteSession) {}

  /// True where the job was run and failed.
  var hasFailed: Bool { false }

  /// Makes the job fail after all, because the commit did.
  func fail(_ error: PrivataError) {}
}

/// Whether a job waits, runs, or was given up: one of the last two, never both.
private final class Stage: Sendable {
  private let state = Atomic<Int>(0)
  private let cancelled = Atomic<Bool>(false)

  var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  func cancel() { cancelled.store(true, ordering: .relaxed) }

  func claim() -> Bool {
    state.compareExchange(expected: 0, desired: 1, ordering: .acquiringAndReleasing).exchanged
  }

  func abandon() -> Bool {
    state.compareExchange(expected: 0, desired: 2, ordering: .acquiringAndReleasing).exchanged
  }
}

/// What a write does, as a value: run at once where the writer is free, else kept in a job.
protocol WriteAction: Sendable {
  /// What the write answers.
  associatedtype Answer: Sendable
  /// Runs on the writer.
  func run(_ session: SQLiteSession) throws(PrivataError) -> Answer
}

/// An action that waits.
// Safe: as ``WriteJob``.
final class ActionJob<Action: WriteAction>: WriteJob, @unchecked Sendable {
  private let action: Action
  private(set) var result: Result<Action.Answer, PrivataError>?

  init(_ action: Action) {
    self.action = action
    super.init()
  }

  override func run(_ session: SQLiteSession) {
    session.watch.clear()
    session.watch.isCancelled = { [self] in isCancelled }
    do throws(PrivataError) {
      result = .success(try action.run(session))
    } catch {
      result = .failure(error)
    }
    session.watch.clear()
  }

  override var hasFailed: Bool {
    if case .failure = result { true } else { false }
  }

  override func fail(_ error: PrivataError) { result = .failure(error) }
}
