internal import Dispatch
internal import Synchronization

/// A task executor whose threads may block, so that drivers over blocking C libraries run on the
/// caller's own thread, without a hop to another and back.
///
/// ```swift
/// try await withTaskExecutorPreference(PrivataExecutor.shared) {
///   try await User.findById(id).exec()      // no thread switch, even on MongoDB
/// }
/// ```
///
/// A server gains most by wrapping its handling of a request in that one call. As many tasks run at
/// once as the machine has processors, and besides them those that wait for a database.
public final class PrivataExecutor: TaskExecutor {
  /// The executor of this process.
  public static let shared = PrivataExecutor()

  fileprivate final class Worker: Sendable {
    let signal = DispatchSemaphore(value: 0)
    let job = Mutex<UnownedJob?>(nil)
  }

  fileprivate struct State: Sendable {
    var waiting = FIFO<UnownedJob>()
    var idle: [Worker] = []
    var threads = 0
    var blocked = 0
    let runningLimit: Int
    let blockedLimit: Int
  }

  fileprivate enum Action {
    case none
    case wake(Worker, UnownedJob)
    case start(UnownedJob)
  }

  private static let mark = ThreadMark()
  private static let idleSeconds = 10
  private let state: Mutex<State>

  /// An executor; two more threads than processors run at once, and up to `blockedLimit` wait.
  package init(blockedLimit: Int = 128) {
    state = Mutex(
      State(runningLimit: MonotonicClock.processors + 2, blockedLimit: max(1, blockedLimit)))
  }

  /// Runs a job of a task soon; called by Swift's runtime.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    perform(state.withLock { $0.place(job) })
  }

  /// True on a thread of a `PrivataExecutor`.
  package static var isCurrent: Bool { mark.isSet }

  /// Says that the current thread, one of the executor's, is going to block; another may run in its
  /// place until ``endBlocking()``. False where too many block already: then it must not.
  package func beginBlocking() -> Bool {
    let action: Action? = state.withLock { $0.beginBlocking() }
    guard let action else { return false }
    perform(action)
    return true
  }

  /// Says that the current thread has stopped blocking.
  package func endBlocking() { state.withLock { $0.blocked -= 1 } }
}

extension PrivataExecutor {
  private func perform(_ action: Action) {
    switch action {
    case .none: break
    case .wake(let worker, let job):
      worker.job.withLock { $0 = job }
      worker.signal.signal()
    case .start(let job): start(job)
    }
  }

  private func start(_ job: UnownedJob) {
    do {
      try WorkerThread.start { self.loop(job) }
    } catch {
      // The threads there are will come to it; without any, the caller's thread has to do.
      let isAlone = state.withLock { $0.giveBack(job) }
      if isAlone { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
  }

  private func loop(_ first: UnownedJob) {
    Self.mark.set()
    let worker = Worker()
    var job: UnownedJob? = first
    while let current = job {
      current.runSynchronously(on: asUnownedTaskExecutor())
      job = next(for: worker)
    }
  }

  private func next(for worker: Worker) -> UnownedJob? {
    let waiting = state.withLock { $0.next(for: worker) }
    if let waiting { return waiting }
    while worker.signal.wait(timeout: .now() + .seconds(Self.idleSeconds)) == .timedOut {
      if state.withLock({ $0.retire(worker) }) { return nil }
    }
    return worker.job.withLock { $0.take() }
  }
}

extension PrivataExecutor.State {
  private var running: Int { threads - idle.count - blocked }

  fileprivate mutating func place(_ job: UnownedJob) -> PrivataExecutor.Action {
    guard running < runningLimit else {
      waiting.append(job)
      return .none
    }
    return dispatch(job)
  }

  private mutating func dispatch(_ job: UnownedJob) -> PrivataExecutor.Action {
    if let worker = idle.popLast() { return .wake(worker, job) }
    threads += 1
    return .start(job)
  }

  fileprivate mutating func beginBlocking() -> PrivataExecutor.Action? {
    guard blocked < blockedLimit else { return nil }
    blocked += 1
    guard running < runningLimit, let job = waiting.popFirst() else {
      return PrivataExecutor.Action.none
    }
    return dispatch(job)
  }

  fileprivate mutating func next(for worker: PrivataExecutor.Worker) -> UnownedJob? {
    if running <= runningLimit, let job = waiting.popFirst() { return job }
    idle.append(worker)
    return nil
  }

  fileprivate mutating func retire(_ worker: PrivataExecutor.Worker) -> Bool {
    guard let index = idle.firstIndex(where: { $0 === worker }) else { return false }
    idle.remove(at: index)
    threads -= 1
    return true
  }

  /// Takes back a job that no thread could be started for; true where there is none to wait for.
  fileprivate mutating func giveBack(_ job: UnownedJob) -> Bool {
    threads -= 1
    if threads > 0 { waiting.append(job) }
    return threads == 0
  }
}
