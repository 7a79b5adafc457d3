/// The one place where work outlives the call that began it: a task that belongs to a value, ends
/// with it, and can be waited for.
final class OwnedTask: Sendable {
  private let task: Task<Void, Never>

  /// Begins the work; it has to look for cancellation.
  init(_ work: @escaping @concurrent @Sendable () async -> Void) {
    task = Task(priority: .utility, operation: work)
  }

  /// Asks the work to end and waits until it has.
  func stop() async {
    task.cancel()
    await task.value
  }

  deinit { task.cancel() }
}
