internal import PrivataCore

// Hooks run in the order of definition. After an error only error handlers run, and each may put
// another error in its place; a hook that throws after a success turns it into a failure.

extension Hooks {
  func runBefore(
    _ operation: DocumentOperation, _ document: MongoDocument, _ options: OperationOptions
  ) async throws {
    guard options.hooks.contains(.pre), documentOperations.contains(operation) else { return }
    for case .beforeDocument(operation, let body) in all { try await body(document, options) }
  }

  /// Runs what follows an operation of a document; throws where it failed.
  func runAfter(
    _ operation: DocumentOperation, _ document: MongoDocument, _ choice: HookChoice,
    failure: (any Error)? = nil
  ) async throws {
    var failure = failure
    if choice.contains(.post), documentOperations.contains(operation) {
      for hook in all {
        switch hook {
        case .afterDocument(operation, let body) where failure == nil:
          failure = await caught { try await body(document) }
        case .documentError(operation, let body):
          if let error = failure {
            failure = await caught { try await body(outward(error), document) } ?? error
          }
        default: break
        }
      }
    }
    if let failure { throw failure }
  }

  func runBefore(_ operation: QueryOperation, _ plan: inout QueryPlan) async throws {
    guard plan.hooks.contains(.pre), queryOperations.contains(operation) else { return }
    for case .beforeQuery(operation, let body) in all { try await body(&plan) }
  }

  func runAfter(
    _ operation: QueryOperation, _ plan: QueryPlan, _ result: Result<QueryAnswer, any Error>
  ) async throws -> QueryAnswer {
    guard plan.hooks.contains(.post), queryOperations.contains(operation) else {
      return try result.get()
    }
    var result = result
    for hook in all {
      switch (hook, result) {
      case (.afterQuery(operation, let body), .success(var answer)):
        let failure = await caught { try await body(plan, &answer) }
        result = failure.map { .failure($0) } ?? .success(answer)
      case (.queryError(operation, let body), .failure(let error)):
        result = .failure(await caught { try await body(outward(error), plan) } ?? error)
      default: break
      }
    }
    return try result.get()
  }

  func caught(_ body: () async throws -> Void) async -> (any Error)? {
    do {
      try await body()
      return nil
    } catch { return error }
  }
}
