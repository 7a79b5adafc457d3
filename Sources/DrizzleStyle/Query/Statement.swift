internal import PrivataCore

/// A statement before it is rendered.
indirect enum Statement: Sendable {
  case select(SelectPlan)
  case insert(InsertPlan)
  case update(UpdatePlan)
  case delete(DeletePlan)
  case relational(RelationalPlan)
  case refresh(RefreshPlan)
  case raw(SQL)

  /// `find`, `insert`, `update`, `delete`, `raw`: for logs.
  var kind: String {
    switch self {
    case .select, .relational: "find"
    case .insert: "insert"
    case .update: "update"
    case .delete: "delete"
    case .refresh: "schema"
    case .raw: "raw"
    }
  }

  /// The table concerned, for logs.
  var table: String {
    switch self {
    case .select(let plan): plan.from?.handle ?? ""
    case .insert(let plan): plan.table.name
    case .update(let plan): plan.table.name
    case .delete(let plan): plan.table.name
    case .relational(let plan): plan.source.handle ?? ""
    case .refresh(let plan): plan.view.name
    case .raw: ""
    }
  }

  /// True where it changes rows.
  var isWrite: Bool {
    switch self {
    case .insert, .update, .delete: true
    default: false
    }
  }
}

/// A select in all its parts.
struct SelectPlan: Sendable {
  var with: [Subquery] = []
  var distinct: Distinct?
  var fields: Selection?
  var from: SQLSource?
  var joins: [Join] = []
  var condition: SQL?
  var grouping: [SQL] = []
  var having: SQL?
  var ordering: [SQL] = []
  var limit: Bound?
  var offset: Bound?
  var lock: RowLock?
  var comment: String?
  var operations: [SetOperation] = []
  var caching: Caching?
  /// False leaves out the hidden columns that say whether a joined row is there.
  var usesMarkers = true

  enum Distinct: Sendable {
    case all
    case on([SQL])
  }

  struct Join: Sendable {
    var kind: JoinKind
    var isLateral = false
    var source: SQLSource
    var on: SQL?
  }

  enum JoinKind: String, Sendable { case inner, left, right, full, cross }

  /// What follows a set operator, and the order and page of the combined result.
  struct SetOperation: Sendable {
    var kind: String
    var right: SelectPlan
    var ordering: [SQL] = []
    var limit: Bound?
    var offset: Bound?
  }
}

/// A number of rows: given now, or when the statement runs.
enum Bound: Sendable {
  case number(Int)
  case placeholder(String)

  var sql: SQL {
    switch self {
    case .number(let number): SQL([.parameter(.int(number), encoder: nil)])
    case .placeholder(let name): SQL([.placeholder(name, encoder: nil)])
    }
  }
}

/// Rows to add.
struct InsertPlan: Sendable {
  var with: [Subquery] = []
  var table: SQLTable
  var rows: Rows = .none
  var overridesIdentity = false
  var conflicts: [Conflict] = []
  var returning: Selection?
  var comment: String?

  indirect enum Rows: Sendable {
    case none
    case values([[String: SQLValue]])
    case select(Statement, keys: [String])
    case raw(SQL)
  }

  struct Conflict: Sendable {
    var target: [SQL]
    var targetCondition: SQL?
    /// `nil` does nothing.
    var set: [String: SQLValue]?
    var condition: SQL?
  }
}

/// Rows to change.
struct UpdatePlan: Sendable {
  var with: [Subquery] = []
  var table: SQLTable
  var set: [String: SQLValue] = [:]
  var from: SQLSource?
  var joins: [SelectPlan.Join] = []
  var condition: WriteCondition?
  var returning: Selection?
  var ordering: [SQL] = []
  var limit: Bound?
  var comment: String?
}

/// Rows to remove.
struct DeletePlan: Sendable {
  var with: [Subquery] = []
  var table: SQLTable
  var condition: WriteCondition?
  var returning: Selection?
  var ordering: [SQL] = []
  var limit: Bound?
  var comment: String?
}

/// Which rows a write means; all of them only where it says so.
enum WriteCondition: Sendable {
  case all
  case matching(SQL)
}

/// A refresh of a materialized view.
struct RefreshPlan: Sendable {
  var view: SQLView
  var isConcurrent = false
  var isWithoutData = false
}
