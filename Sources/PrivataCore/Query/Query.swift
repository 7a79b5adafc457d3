/// A read, as a plain value: which model, which records, which fields, in what order and form.
///
/// ```swift
/// var query = Query(user, where: .document(["role": "patient"]))
/// query.sort = [.init("createdAt", descending: true)]
/// query.limit = 10
/// let batch = try await store.rows(for: query)
/// ```
public struct Query: Sendable {
  /// The model that is read.
  public var model: ModelSchema
  /// Which of its records.
  public var filter: Filter
  /// Which of their fields.
  public var projection: Projection
  /// In what order, the most significant key first.
  public var sort: [SortKey]
  /// How many records of that order to leave out.
  public var skip: Int
  /// The most records to answer; `nil` for no bound.
  public var limit: Int?
  /// Records, a count, or whether there is one.
  public var answer: Answer
  /// The form of the rows.
  public var layout: RowLayout
  /// What few queries carry.
  public var options: QueryOptions? {
    get { box?.options }
    set { box = newValue.map(OptionsBox.init) }
  }
  private var box: OptionsBox?
  /// True where the asker takes documents as rows of cells with a ``RowBatch/shape`` too. Wrappers that
  /// look into documents leave it false.
  package var takesRows = false

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
    box = options.map(OptionsBox.init)
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
  /// The field, or the path into a document.
  public var path: String
  /// True from high to low.
  public var isDescending: Bool
  /// Where nulls go; `nil` is the store's habit for typed queries and MongoDB's (nulls lowest) for
  /// the layout of documents.
  public var nulls: Nulls?
  /// MongoDB's `{$meta: "textScore"}`.
  public var isTextScore: Bool

  /// Before or after all values.
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
  /// MongoDB's collation, as its own document.
  public var collation: Document?
  /// The index to use, by name or by keys.
  public var hint: Value?
  /// A note that the server's log shows with the query.
  public var comment: String?
  /// How long the server may work on the query.
  public var maxTimeMilliseconds: Int?
  /// Which members of a replica set may answer, by MongoDB's names.
  public var readPreference: String?
  /// How settled the data must be, by MongoDB's names.
  public var readConcern: String?
  /// How many records the server sends at once.
  public var batchSize: Int?
  /// True lets the server sort on disk.
  public var allowDiskUse: Bool?
  /// Options by MongoDB's names that only MongoDB knows (`min`, `max`, `returnKey`, `tailable` ...).
  public var more: Document

  /// No options.
  public init() { more = Document() }
}

/// Keeps options out of line, so that the many queries without them are cheap to copy.
final class OptionsBox: Sendable {
  let options: QueryOptions

  init(_ options: QueryOptions) { self.options = options }
}
