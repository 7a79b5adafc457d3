internal import PrivataCore

/// A delete, compiled once for all deletes of its shape.
package final class DeletePlan: SQLPlan {
  package let bound: BoundModel
  /// One statement that does all; `nil` where the engine must look at the records.
  let direct: SQLCompiled?
  let returned: ReturnForm?
  let candidates: SQLCompiled
  let form: DocumentForm
  /// Removes one record by its key.
  let removal: SQLCompiled

  init(_ delete: Delete, _ bound: BoundModel) throws(PrivataError) {
    self.bound = bound
    let layout = bound.layout
    let target = try SQLTarget(
      bound, delete.filter, sort: delete.sort, isMany: delete.isMany,
      collation: delete.options?.collation, rows: delete.layout)
    form = DocumentForm(layout)
    candidates = target.candidates(form)
    removal = Self.removal(layout)
    let asksRows = delete.returning != .none
    returned = asksRows ? try ReturnForm(delete.projection, delete.layout, layout) : nil
    // A statement answers rows in no order, so an ordered answer of many is the engine's.
    let isDirect = target.isExact && (!asksRows || returned != nil)
    direct = isDirect ? Self.direct(target, returned) : nil
  }

  private static func direct(_ target: SQLTarget, _ returned: ReturnForm?) -> SQLCompiled {
    let layout = target.layout
    var fragment: SQLFragment = "DELETE FROM \(layout.table)\(target.clause())"
    if let returned { fragment += " RETURNING \(returned.names.joined(separator: ", "))" }
    return SQLCompiled(
      fragment, dialect: layout.dialect, kind: "delete", collection: layout.model.collection,
      columns: returned?.types)
  }

  private static func removal(_ layout: TableLayout) -> SQLCompiled {
    let terms = layout.key.map { column -> SQLFragment in
      let value = SQLFragment.parameter(SQLSlot(.constant(.null)), layout.storedType(column))
      return "\(layout.quoted(column)) = \(value)"
    }
    return SQLCompiled(
      "DELETE FROM \(layout.table) WHERE \(SQLFragment.joined(terms, by: " AND "))",
      dialect: layout.dialect, kind: "delete", collection: layout.model.collection)
  }
}
