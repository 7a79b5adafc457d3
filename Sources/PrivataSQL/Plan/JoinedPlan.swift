package import PrivataCore

/// A read with the fields of another table's rows beside its own, compiled once per plan of the read.
package final class JoinedPlan: Sendable {
  private let read: ReadPlan
  private let other: BoundModel
  package let compiled: SQLCompiled

  private init?(_ read: ReadPlan, _ query: Query, _ joined: JoinedHalf, _ other: JoinedTable) {
    guard case .answer = read.rows, query.layout == .cells, query.sort.isEmpty,
      case .fields(let fields) = query.projection, Set(fields).count == fields.count,
      let compiled = SQLCompiled(read, query, fields, joined, other)
    else { return nil }
    self.read = read
    self.other = other.bound
    self.compiled = compiled
  }

  /// The plan of a read and what it joins; `nil` where SQL alone does not give the answer in its order.
  package static func plan(
    _ read: ReadPlan, _ query: Query, _ joined: JoinedHalf,
    _ other: () throws(PrivataError) -> JoinedTable
  ) throws(PrivataError) -> JoinedPlan? {
    let known: JoinedPlan? = joined.plan { $0.read === read && $0.other.isCurrent }
    if let known { return known }
    guard let made = JoinedPlan(read, query, joined, try other()) else { return nil }
    joined.keep(made)
    return made
  }
}

/// A table beside those of a store.
package struct JoinedTable: Sendable {
  let bound: BoundModel
  /// Its name in SQL, with the place where it is.
  let name: String

  package init(_ bound: BoundModel, name: String) {
    self.bound = bound
    self.name = name
  }
}

extension SQLCompiled {
  /// The statement of a read as the left side of a join by the other table's key.
  fileprivate init?(
    _ read: ReadPlan, _ query: Query, _ fields: [String], _ joined: JoinedHalf,
    _ table: JoinedTable
  ) {
    let (own, other) = (read.bound.layout, table.bound.layout)
    // Postgres plans for a page of unknown size and reads the whole other table, in its own order; a loop
    // of SQLite's goes over the left side and looks each row's other half up.
    guard own.dialect == .sqlite || query.filter.namesKey(of: own) else { return nil }
    let names = fields.compactMap { own.column($0).map(own.quoted) }
    guard names.count == fields.count, !own.isOpen, !other.isOpen,
      names.indices.contains(joined.link), let key = other.column(joined.key),
      let known = read.compiled.template.columns
    else { return nil }
    var selected: [String] = []
    var types: [FieldType?] = []
    for place in joined.places {
      switch place {
      case .own(let column):
        guard names.indices.contains(column) else { return nil }
        selected.append("h.\(names[column])")
        types.append(known[column])
      case .other(let field):
        guard let column = other.column(field) else { return nil }
        selected.append("c.\(other.quoted(column))")
        types.append(column.type)
      }
    }
    guard !selected.isEmpty else { return nil }
    var rows = read.compiled.template.text[...]
    // Each row has at most one other half, so that the page is the same outside. SQLite then reads the
    // table in place of a subquery, whose cells it would copy.
    let page = [" LIMIT ? OFFSET ?", " LIMIT ?"].first { rows.hasSuffix($0) } ?? ""
    rows = rows.dropLast(page.count)
    let text = """
      SELECT \(selected.joined(separator: ", ")) FROM (\(rows)) AS h \
      LEFT JOIN \(table.name) AS c ON c.\(other.quoted(key)) = h.\(names[joined.link])\(page)
      """
    self.init(read.compiled, text: text, columns: types)
  }
}
