public import PrivataCore

/// What a query answers, for code that does not know the operation: hooks, tools, plugins. Typed
/// queries answer their own type.
public enum QueryAnswer: Sendable {
  case documents([MongoDocument])
  case document(MongoDocument?)
  case plain([Document])
  case plainDocument(Document?)
  case count(Int)
  case values([Value])
  case update(UpdateResult)
  case delete(DeleteResult)
  case metadata(FindAndModifyResult)
  case value(Value)
}

/// What an update did.
public struct UpdateResult: Sendable, Hashable {
  /// False where nothing was left to change and no command was sent.
  public var acknowledged = true
  public var matchedCount = 0
  public var modifiedCount = 0
  public var upsertedCount = 0
  /// The id of the document that an upsert inserted.
  public var upsertedID: Value?

  /// Nothing done.
  public init() {}
}

/// What a delete did.
public struct DeleteResult: Sendable, Hashable {
  /// True for a write that the store confirmed, and how many documents are gone.
  public var acknowledged = true
  public var deletedCount = 0

  /// That many deleted.
  public init(deletedCount: Int) { self.deletedCount = deletedCount }
}

/// A document that was changed or deleted, with what the store said about it.
public struct FindAndModifyResult: Sendable {
  /// The document, where one matched.
  public var document: MongoDocument?
  /// The document where the query asked for plain ones.
  public var plain: Document?
  public var updatedExisting: Bool
  /// The id of the document that an upsert inserted.
  public var upsertedID: Value?
  /// The number of documents matched or inserted.
  public var count: Int
  /// True after a delete, which does not say whether it updated.
  public var isDelete = false
}
