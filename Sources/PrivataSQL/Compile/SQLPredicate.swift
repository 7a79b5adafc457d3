package import PrivataCore

/// Turns filters into conditions on the columns of one table.
///
/// A condition on a column is exact for rows that are not odd. What SQL cannot answer exactly becomes
/// a condition that lets more through, and the records are checked again after reading.
package struct SQLPredicate {
  let layout: TableLayout
  /// False where texts compare by a collation that SQL does not have.
  let comparesText: Bool
  /// The table's alias with a dot, or nothing.
  let prefix: String

  package init(_ layout: TableLayout, comparesText: Bool = true, prefix: String = "") {
    self.layout = layout
    self.comparesText = comparesText
    self.prefix = prefix
  }

  var dialect: SQLDialect { layout.dialect }

  /// The condition of a filter.
  ///
  /// - Throws: `unknownField` for a typed condition on a field that a closed model does not have.
  package func condition(
    _ filter: Filter, mayHoldOdd: Bool
  ) throws(PrivataError) -> SQLCondition {
    let condition = try condition(filter, at: [])
    guard mayHoldOdd, layout.isOpen, !isOnKey(filter) else { return condition }
    switch condition {
    // Odd rows may be exceptions to what is always or never true of columns.
    case .always: return .unknown
    case .never: return .sql("\(prefix)\(layout.odd) IS NOT NULL", isExact: false)
    case .sql(let fragment, _):
      return .sql("(\(fragment) OR \(prefix)\(layout.odd) IS NOT NULL)", isExact: false)
    }
  }

  func condition(_ filter: Filter, at path: [Int]) throws(PrivataError) -> SQLCondition {
    switch filter {
    case .all: return .always(isExact: true)
    case .none: return .never
    case .document(let document): return documentCondition(document, at: path)
    case .and(let filters): return .all(try conditions(filters, at: path))
    case .or(let filters): return .any(try conditions(filters, at: path))
    case .not(.document(let document)):
      return documentCondition(document, at: path).complement
    case .not(let filter): return try condition(filter, at: path).negation
    default: return try typedCondition(filter, at: path)
    }
  }

  private func conditions(
    _ filters: [Filter], at path: [Int]
  ) throws(PrivataError) -> [SQLCondition] {
    var all: [SQLCondition] = []
    for (index, filter) in filters.enumerated() {
      all.append(try condition(filter, at: path + [index]))
    }
    return all
  }

  /// True where the filter asks for nothing but the key, which is never odd.
  private func isOnKey(_ filter: Filter) -> Bool {
    switch filter {
    case .document(let document):
      document.elements.allSatisfy { layout.isKey($0.key) }
    case .compare(let field, _, _), .isIn(let field, _), .isNotIn(let field, _):
      layout.isKey(field)
    case .and(let filters), .or(let filters): filters.allSatisfy(isOnKey)
    case .all, .none: true
    default: false
    }
  }

  func reference(_ column: LayoutColumn) -> String {
    let name = prefix + layout.quoted(column)
    // Decimals are text in SQLite, and this collation compares them as numbers.
    if case .decimal = column.type, dialect == .sqlite {
      return "\(name) COLLATE \(SQLDialect.decimalCollation)"
    }
    return name
  }

  func parameter(_ path: [Int], _ type: FieldType) -> SQLFragment {
    type == .any && layout.isOpen
      ? .parameter(SQLSlot(.filter(path), .key), .binary)
      : .parameter(SQLSlot(.filter(path), .comparable(type)), type)
  }

  /// The condition that a column's value is in a list, which is one parameter of any length.
  func membership(_ column: LayoutColumn, at path: [Int]) -> SQLFragment {
    let isKey = layout.isAnyKey(column)
    // SQLite's list is one BSON array, which keeps the values' types; Postgres has arrays.
    let type: FieldType = dialect == .sqlite ? .any : .array(layout.storedType(column))
    let conversion: SQLSlot.Conversion = isKey ? .keyList : .list(column.type)
    let list = SQLFragment.parameter(SQLSlot(.filter(path), conversion), type)
    switch dialect {
    case .sqlite: return "\(reference(column)) IN \(SQLDialect.listFunction)(\(list))"
    case .postgres: return "\(reference(column)) = ANY(\(list))"
    }
  }
}

extension SQLDialect {
  /// SQLite: the collation that the driver registers for decimals in text.
  package static let decimalCollation = "privata_decimal"
  /// SQLite: the table-valued function that the driver registers for lists in one parameter.
  package static let listFunction = "privata_list"
}
