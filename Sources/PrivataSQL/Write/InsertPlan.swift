internal import PrivataCore

/// An insert, compiled once for all inserts of its shape.
package final class InsertPlan: SQLPlan {
  package let bound: BoundModel
  /// The positions of the stored columns whose values a row gives.
  let columns: [Int]
  /// True where a row gives all columns in the order in which they are stored.
  private let isInStoredOrder: Bool
  package let whole: SQLCompiled
  /// Without the columns that the store fills in, for rows that leave them out; `nil` where there
  /// are none.
  let generated: Generated?
  let returning: [String]

  struct Generated: Sendable {
    let columns: [Int]
    let compiled: SQLCompiled
  }

  init(_ insert: Insert, _ bound: BoundModel) throws(PrivataError) {
    self.bound = bound
    returning = insert.returning
    let layout = bound.layout
    columns = try Self.columns(insert, layout)
    isInStoredOrder = columns.elementsEqual(layout.storedNames.indices)
    let compiler = SQLInsert(layout: layout)
    whole = try compiler.statement(
      columns, onConflict: insert.onConflict, returning: insert.returning)
    let rest = columns.filter { !Self.isGenerated($0, layout) }
    guard rest.count < columns.count else {
      generated = nil
      return
    }
    generated = Generated(
      columns: rest,
      compiled: try compiler.statement(
        rest, onConflict: insert.onConflict, returning: insert.returning))
  }

  private static func columns(
    _ insert: Insert, _ layout: TableLayout
  ) throws(PrivataError) -> [Int] {
    let all = Array(layout.storedNames.indices)
    guard case .cells(let fields, _) = insert.rows, !layout.isOpen else { return all }
    var columns: [Int] = []
    for field in fields {
      _ = try layout.requiredColumn(field)
      columns.append(layout.position(of: field)!)
    }
    return columns
  }

  static func isGenerated(_ column: Int, _ layout: TableLayout) -> Bool {
    guard layout.columns.indices.contains(column) else { return false }
    return layout.model.field(layout.columns[column].field)?.isGenerated ?? false
  }

  /// The statement that adds a record.
  func statement(_ values: [Value], _ changes: Changes?) -> SQLStatement {
    let leavesOut = generated.map { generated in
      self.columns.contains { !generated.columns.contains($0) && values[$0].isNull }
    }
    var (columns, compiled) = (self.columns, whole)
    if let generated, leavesOut == true {
      (columns, compiled) = (generated.columns, generated.compiled)
    }
    if isInStoredOrder, columns.count == values.count, compiled.slots.count == columns.count {
      return SQLStatement(compiled.template, values)
    }
    var parameters: [Value] = []
    parameters.reserveCapacity(compiled.slots.count)
    for column in columns { parameters.append(values[column]) }
    for slot in compiled.slots.dropFirst(columns.count) {
      parameters.append(slot.value(filter: .all, changes: changes, skip: 0, limit: nil))
    }
    return SQLStatement(compiled.template, parameters)
  }
}
