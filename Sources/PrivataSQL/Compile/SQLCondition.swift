/// A filter, or a part of one, as SQL.
package enum SQLCondition: Sendable, Hashable {
  /// Every record. Inexact: SQL cannot tell, so that each record must be checked.
  case always(isExact: Bool)
  /// No record.
  case never
  /// What the fragment answers. Inexact: it lets through every matching record and perhaps others.
  case sql(SQLFragment, isExact: Bool)

  /// True where the condition alone decides.
  package var isExact: Bool {
    switch self {
    case .always(let isExact), .sql(_, let isExact): isExact
    case .never: true
    }
  }

  static let unknown = SQLCondition.always(isExact: false)

  static func exact(_ fragment: SQLFragment) -> SQLCondition { .sql(fragment, isExact: true) }

  /// All of the conditions.
  static func all(_ conditions: [SQLCondition]) -> SQLCondition {
    var fragments: [SQLFragment] = []
    var isExact = true
    for condition in conditions {
      isExact = isExact && condition.isExact
      switch condition {
      case .never: return .never
      case .always: break
      case .sql(let fragment, _): fragments.append(fragment)
      }
    }
    guard let first = fragments.first else { return .always(isExact: isExact) }
    if fragments.count == 1 { return .sql(first, isExact: isExact) }
    return .sql("(\(SQLFragment.joined(fragments, by: " AND ")))", isExact: isExact)
  }

  /// Any of the conditions.
  static func any(_ conditions: [SQLCondition]) -> SQLCondition {
    var fragments: [SQLFragment] = []
    var isExact = true
    var isAlways = false
    for condition in conditions {
      switch condition {
      case .never: break
      case .always(true): return .always(isExact: true)
      case .always(false): isAlways = true
      case .sql(let fragment, let exact):
        fragments.append(fragment)
        isExact = isExact && exact
      }
    }
    if isAlways { return .unknown }
    guard let first = fragments.first else { return .never }
    if fragments.count == 1 { return .sql(first, isExact: isExact) }
    return .sql("(\(SQLFragment.joined(fragments, by: " OR ")))", isExact: isExact)
  }

  /// The records that the condition leaves out, those included where SQL answers null: MongoDB's
  /// negation.
  var complement: SQLCondition {
    switch self {
    case .never: .always(isExact: true)
    case .always(true): .never
    case .sql(let fragment, true): .exact("(\(fragment)) IS NOT TRUE")
    default: .unknown
    }
  }

  /// SQL's own negation, under which null stays null.
  var negation: SQLCondition {
    switch self {
    case .sql(let fragment, true): .exact("NOT (\(fragment))")
    default: complement
    }
  }

  /// The `WHERE` clause with a space before it; empty where every record is meant.
  var clause: SQLFragment {
    switch self {
    case .always: ""
    case .never: " WHERE 0 = 1"
    case .sql(let fragment, _): " WHERE \(fragment)"
    }
  }
}
