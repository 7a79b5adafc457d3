/// A read, as a plain value: which model, which records, which fields, in what order and form.
///
/// ```swift
/// var query = Query(user, where: .document(["role": "patient"]))
/// query.sort = [.init("createdAt", descending: true)]
/// query.limit = 10
/// let batch = try await store.rows(for: query)
/// ```
public struct Query: Sendable {
  public var model: ModelSchema
  public var filter: Filter
  public var projection: Projection
  public var sort: [SortKey]
  public var skip: Int
  /// The most records to answer; `nil` for no bound.
  public var limit: Int?
  public var answer: Answer
  public var layout: RowLayout
  public var options: QueryOptions?

  /// A query for all fields of the matching records.
  public init(
    _ model: ModelSchema, where filter: Filter = .all, projection: Projection = .all,
    sort: [SortKey] = [], skip: Int = 0, limit: Int? = nil, answer: Answer = .rows,
    layout: RowLayout = .documents, options: QueryOptions? = nil
  ) {
    self.model = model
    self.filter = filter
    self.projection = projection
    self.sort = sort
    self.skip = skip
    self.limit = limit
    self.answer = answer
    self.layout = layout
    self.options = options
  }

  /// What a query answers.
  public enum Answer: Sendable, Hashable {
    /// The records themselves.
    case rows
    /// One row with one int64 cell: how many match, within skip and limit.
    case count
    /// One row with one bool cell.
    case exists
    /// One value cell per distinct value of a path; MongoDB's rules for arrays.
    case distinct(String)
  }
}

/// The form of the rows that a store answers.
public enum RowLayout: Sendable, Hashable {
  /// One cell per row: the record as one BSON document. The form of MongoStyle.
  case documents
  /// One cell per field: of the projection's fields in their order, or of all fields of the model.
  /// The form of typed models.
  case cells
}

/// Which fields a query asks for.
public enum Projection: Sendable, Hashable {
  case all
  /// These fields, in this order.
  case fields([String])
  /// MongoDB's projection language; only with the layout of documents.
  case document(Document)
}

/// One key of an ordering.
public struct SortKey: Sendable, Hashable {
  public var path: String
  public var isDescending: Bool
  /// Where nulls go; `nil` is the store's habit for typed queries and MongoDB's (nulls lowest) for
  /// the layout of documents.
  public var nulls: Nulls?
  /// MongoDB's `{$meta: "textScore"}`.
  public var isTextScore: Bool

  public enum Nulls: Sendable, Hashable { case first, last }

  /// A key, ascending where nothing is said.
  public init(
    _ path: String, descending: Bool = false, nulls: Nulls? = nil, isTextScore: Bool = false
  ) {
    self.path = path
    isDescending = descending
    self.nulls = nulls
    self.isTextScore = isTextScore
  }
}

/// Options that few queries carry.
public struct QueryOptions: Sendable, Hashable {
  public var collation: Document?
  public var hint: Value?
  public var comment: String?
  public var maxTimeMilliseconds: Int?
  public var readPreference: String?
  public var readConcern: String?
  public var batchSize: Int?
  public var allowDiskUse: Bool?
  /// Options by MongoDB's names that only MongoDB knows (`min`, `max`, `returnKey`, `tailable` ...).
  public var more: Document

  /// No options.
  public init() { more = Document() }
}
