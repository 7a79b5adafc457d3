internal import Dispatch
internal import Synchronization

/// Up to so many threads that may block, each started when it is first needed. Work goes to the
/// thread that fell idle last, which is the one whose memory is still warm.
///
/// ```swift
/// let threads = WorkerThreads(limit: 100)
/// threads.submit { connection.waitForServer() }
/// ```
package final class WorkerThreads: Sendable {
  package typealias Work = @Sendable () -> Void

  /// A thread that waits for work.
  fileprivate final class Worker: Sendable {
    let signal = DispatchSemaphore(value: 0)
    let work = Mutex<Work?>(nil)
  }

  fileprivate struct State: Sendable {
    var waiting = FIFO<Work>()
    var idle: [Worker] = []
    var threads = 0
  }

  fileprivate enum Action {
    case queued
    case wake(Worker)
    case start
  }

  private let limit: Int
  private let idleSeconds: Int
  private let state = Mutex(State())

  /// Threads that end after `idleSeconds` without work.
  package init(limit: Int, idleSeconds: Int = 10) {
    self.limit = max(1, limit)
    self.idleSeconds = idleSeconds
  }

  /// Runs the work on one of the threads, soon.
  package func submit(_ work: @escaping Work) {
    switch state.withLock({ $0.place(work, limit: limit) }) {
    case .queued: break
    case .wake(let worker):
      worker.work.withLock { $0 = work }
      worker.signal.signal()
    case .start: start(work)
    }
  }

  /// The number of threads that there are now.
  package var count: Int { state.withLock { $0.threads } }

  private func start(_ work: @escaping Work) {
    let worker = Worker()
    worker.work.withLock { $0 = work }
    do {
      try WorkerThread.start { self.loop(worker) }
    } catch {
      // Without another thread the work waits for one of those there are, or, as the last resort,
      // runs here: late is better than never.
      let isAlone = state.withLock { state in
        state.threads -= 1
        if state.threads > 0 { state.waiting.append(work) }
        return state.threads == 0
      }
      if isAlone { work() }
    }
  }

  private func loop(_ worker: Worker) {
    repeat { run(worker) } while hasNext(worker)
  }

  /// Runs the work at hand. Nothing of it is left on the thread afterwards: what the work holds, a
  /// connection or a person's values, must not wait for the next work to be let go.
  @inline(never)
  private func run(_ worker: Worker) {
    let work = worker.work.withLock { $0.take() }
    work?()
  }

  /// Waits for the next work; false where the thread is to end.
  private func hasNext(_ worker: Worker) -> Bool {
    if let waiting = state.withLock({ $0.next(for: worker) }) {
      worker.work.withLock { $0 = waiting }
      return true
    }
    while worker.signal.wait(timeout: .now() + .seconds(idleSeconds)) == .timedOut {
      if state.withLock({ $0.retire(worker) }) { return false }
    }
    return true
  }
}

extension WorkerThreads.State {
  fileprivate mutating func place(
    _ work: @escaping WorkerThreads.Work, limit: Int
  ) -> WorkerThreads.Action {
    if let worker = idle.popLast() { return .wake(worker) }
    if threads < limit {
      threads += 1
      return .start
    }
    waiting.append(work)
    return .queued
  }

  fileprivate mutating func next(for worker: WorkerThreads.Worker) -> WorkerThreads.Work? {
    if let work = waiting.popFirst() { return work }
    idle.append(worker)
    return nil
  }

  /// Removes a worker that is still idle; false where work is on its way to it.
  fileprivate mutating func retire(_ worker: WorkerThreads.Worker) -> Bool {
    guard let index = idle.firstIndex(where: { $0 === worker }) else { return false }
    idle.remove(at: index)
    threads -= 1
    return true
  }
}
