/// A change, as a plain value.
public enum Write: Sendable {
  case insert(Insert)
  case update(Update)
  case delete(Delete)
  /// Several changes of one model in one call, in order; `isOrdered` stops at the first failure.
  case bulk([Write], isOrdered: Bool)
}

/// Records to add.
public struct Insert: Sendable {
  /// The model that is added to.
  public var model: ModelSchema
  /// The new records.
  public var rows: Rows
  /// False goes on after a record that fails and reports each failure.
  public var isOrdered: Bool
  /// What to do where a unique value is taken.
  public var onConflict: OnConflict
  /// The fields of the new records to answer, in cells; empty for none.
  public var returning: [String]

  /// New records in either form.
  public enum Rows: Sendable {
    case documents([Document])
    /// Rows whose cells are these fields of the model, in this order.
    case cells(fields: [String], RowBatch)

    /// The number of records.
    public var count: Int {
      switch self {
      case .documents(let documents): documents.count
      case .cells(_, let batch): batch.count
      }
    }
  }

  /// The answers to a unique value that is taken.
  public enum OnConflict: Sendable {
    case fail
    /// Skips a record whose unique fields (all of the model's where empty) are taken.
    case ignore([String])
    /// Changes the record that is there.
    case update(fields: [String], Changes)
  }

  /// An insert of these rows.
  public init(
    _ model: ModelSchema, _ rows: Rows, isOrdered: Bool = true, onConflict: OnConflict = .fail,
    returning: [String] = []
  ) {
    self.model = model
    self.rows = rows
    self.isOrdered = isOrdered
    self.onConflict = onConflict
    self.returning = returning
  }
}

/// Records to change.
public struct Update: Sendable {
  /// The model whose records change.
  public var model: ModelSchema
  /// Which of its records.
  public var filter: Filter
  /// What happens to them.
  public var changes: Changes
  /// True changes all matching records, false the first by `sort`.
  public var isMany: Bool
  /// True inserts a record made from filter and changes where none matches (MongoDB's upsert).
  public var isUpsert: Bool
  /// Which of the matching records is the first.
  public var sort: [SortKey]
  /// Documents that name the array elements of `$[name]` paths.
  public var arrayFilters: [Document]
  /// Whether the changed records are answered, and in which form.
  public var returning: Returning
  public var projection: Projection
  public var layout: RowLayout
  /// Options that few writes carry.
  public var options: QueryOptions? {
    get { box?.options }
    set { box = newValue.map(OptionsBox.init) }
  }
  private var box: OptionsBox?

  /// An update of the first matching record.
  public init(
    _ model: ModelSchema, where filter: Filter, _ changes: Changes, isMany: Bool = false,
    isUpsert: Bool = false, sort: [SortKey] = [], arrayFilters: [Document] = [],
    returning: Returning = .none, projection: Projection = .all, layout: RowLayout = .documents,
    options: QueryOptions? = nil
  ) {
    self.model = model
    self.filter = filter
    self.changes = changes
    self.isMany = isMany
    self.isUpsert = isUpsert
    self.sort = sort
    self.arrayFilters = arrayFilters
    self.returning = returning
    self.projection = projection
    self.layout = layout
    box = options.map(OptionsBox.init)
  }
}

/// Which form of a changed record a write answers.
public enum Returning: Sendable, Hashable { case none, before, after }

/// What an update does to a record.
public enum Changes: Sendable, Hashable {
  /// MongoDB's update operators: `["$set": [...], "$inc": [...]]`.
  case operators(Document)
  /// MongoDB's update pipeline.
  case pipeline([Document])
  /// The whole record but its `_id`.
  case replacement(Document)
  /// Typed assignments, in order.
  case assign([Assignment])
}

/// A typed change of one field.
public struct Assignment: Sendable, Hashable {
  /// The changes that every store knows.
  public enum Operation: Sendable, Hashable {
    case set, increment, decrement, multiply, divide, push, unset
  }

  /// The field that changes.
  public var field: String
  /// How it changes.
  public var operation: Operation
  /// The operand.
  public var value: Value

  /// A change of a field; `set` where nothing is said.
  public init(_ field: String, _ value: Value, _ operation: Operation = .set) {
    self.field = field
    self.value = value
    self.operation = operation
  }
}

/// Records to remove.
public struct Delete: Sendable {
  /// The model whose records go.
  public var model: ModelSchema
  /// Which of its records.
  public var filter: Filter
  /// True removes all matching records, false the first by `sort`.
  public var isMany: Bool
  /// Which of the matching records is the first.
  public var sort: [SortKey]
  /// `.before` answers the removed records.
  public var returning: Returning
  public var projection: Projection
  public var layout: RowLayout
  /// Options that few writes carry.
  public var options: QueryOptions? {
    get { box?.options }
    set { box = newValue.map(OptionsBox.init) }
  }
  private var box: OptionsBox?

  /// A delete of all matching records.
  public init(
    _ model: ModelSchema, where filter: Filter, isMany: Bool = true, sort: [SortKey] = [],
    returning: Returning = .none, projection: Projection = .all, layout: RowLayout = .documents,
    options: QueryOptions? = nil
  ) {
    self.model = model
    self.filter = filter
    self.isMany = isMany
    self.sort = sort
    self.returning = returning
    self.projection = projection
    self.layout = layout
    box = options.map(OptionsBox.init)
  }
}

/// What a write did.
public struct WriteOutcome: Sendable {
  /// Records added.
  public var inserted = 0
  /// Records that the filter of an update found.
  public var matched = 0
  /// Records that an update changed.
  public var modified = 0
  /// Records removed.
  public var deleted = 0
  /// Records that an update added because none matched.
  public var upserted: [Upserted] = []
  /// The records asked for by `returning`.
  public var rows: RowBatch?
  /// For unordered inserts and bulk writes: what failed, by position.
  public var failures: [Failure] = []
  /// For SQLite: the row id of the last insert.
  public var lastRowID: Int64?

  /// A record that an update added.
  public struct Upserted: Sendable, Hashable {
    /// Position of the operation in its bulk; 0 alone.
    public var index: Int
    /// Its id.
    public var id: Value

    /// The record of an operation.
    public init(index: Int, id: Value) {
      self.index = index
      self.id = id
    }
  }

  /// One operation that failed while others went on.
  public struct Failure: Sendable {
    /// Its position among the rows or operations.
    public var index: Int
    /// Why.
    public var error: PrivataError

    /// The failure of an operation.
    public init(index: Int, error: PrivataError) {
      self.index = index
      self.error = error
    }
  }

  /// Nothing done yet.
  public init() {}
}
