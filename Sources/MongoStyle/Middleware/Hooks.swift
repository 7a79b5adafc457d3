internal import PrivataCore

/// The operations of documents that hooks run around.
public enum DocumentOperation: String, Sendable, Hashable, CaseIterable {
  case validate, save, updateOne, deleteOne
}

/// The operations of queries that hooks run around.
public enum QueryOperation: String, Sendable, Hashable, CaseIterable {
  case find, findOne, countDocuments, estimatedDocumentCount, distinct, updateOne, updateMany
  case replaceOne, deleteOne, deleteMany, findOneAndUpdate, findOneAndReplace, findOneAndDelete
  /// The validators of an update.
  case validate
}

/// The hooks of a schema, in the order in which they were added.
struct Hooks: Sendable {
  /// One hook.
  enum Hook: Sendable {
    case beforeInit(@Sendable (inout Document) throws -> Void)
    case afterInit(@Sendable (MongoDocument) throws -> Void)
    case beforeDocument(
      DocumentOperation, @Sendable (MongoDocument, OperationOptions) async throws -> Void)
    case afterDocument(DocumentOperation, @Sendable (MongoDocument) async throws -> Void)
    case documentError(
      DocumentOperation, @Sendable (any Error, MongoDocument) async throws -> Void)
    case beforeQuery(QueryOperation, @Sendable (inout QueryPlan) async throws -> Void)
    case afterQuery(
      QueryOperation, @Sendable (QueryPlan, inout QueryAnswer) async throws -> Void)
    case queryError(QueryOperation, @Sendable (any Error, QueryPlan) async throws -> Void)
    case beforeAggregate(@Sendable (inout AggregatePlan) async throws -> Void)
    case afterAggregate(@Sendable (AggregatePlan, inout [Document]) async throws -> Void)
    case aggregateError(@Sendable (any Error, AggregatePlan) async throws -> Void)
    case beforeInsertMany(@Sendable (MongoModel, inout [Document]) async throws -> Void)
    case afterInsertMany(@Sendable (MongoModel, InsertManyAnswer) async throws -> Void)
    case insertManyError(@Sendable (any Error, MongoModel) async throws -> Void)
    case beforeBulkWrite(@Sendable (MongoModel, inout [BulkOperation]) async throws -> Void)
    case afterBulkWrite(@Sendable (MongoModel, BulkWriteResult) async throws -> Void)
    case bulkWriteError(@Sendable (any Error, MongoModel) async throws -> Void)
  }

  private(set) var all: [Hook] = []
  /// The document operations that have hooks, so that the others cost nothing.
  private(set) var documentOperations: Set<DocumentOperation> = []
  private(set) var queryOperations: Set<QueryOperation> = []
  private(set) var hasInit = false
  /// True where hooks run for each document that is read.
  var watchesReading: Bool { hasInit || queryOperations.contains(.find) }

  mutating func append(_ hook: Hook) {
    all.append(hook)
    switch hook {
    case .beforeInit, .afterInit: hasInit = true
    case .beforeDocument(let operation, _), .afterDocument(let operation, _),
      .documentError(let operation, _):
      documentOperations.insert(operation)
    case .beforeQuery(let operation, _), .afterQuery(let operation, _),
      .queryError(let operation, _):
      queryOperations.insert(operation)
    default: break
    }
  }

  mutating func append(contentsOf other: Hooks) {
    for hook in other.all { append(hook) }
  }
}

/// What the operation that a hook runs around was asked for.
public struct OperationOptions: Sendable {
  /// Which hooks of the program run; built-in steps always do.
  public var hooks: HookChoice = .all
  public var session: MongoSession?

  /// Made of these parts; what is left out has its usual value.
  public init() {}
}

/// Which hooks of the program an operation runs.
public struct HookChoice: OptionSet, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The hooks that run.
  public static let pre = HookChoice(rawValue: 1)
  public static let post = HookChoice(rawValue: 2)
  public static let all: HookChoice = [.pre, .post]
  public static let none: HookChoice = []
}

/// Thrown by a hook before a query: the operation is left out and this is its answer.
public struct HookSkip: Error {
  /// What the operation answers instead.
  public var answer: QueryAnswer

  /// Made of these parts; what is left out has its usual value.
  public init(_ answer: QueryAnswer) { self.answer = answer }
}
