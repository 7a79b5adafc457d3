internal import PrivataCore
internal import PrivataSQL

extension Renderer {
  /// Writes the selected fields of a select and answers how its rows are read.
  mutating func write(
    selection: Selection, of plan: SelectPlan
  ) throws(PrivataError) -> RowShape {
    if selection.flat.isEmpty {
      throw PrivataError(.badArgument, "a select needs fields: name them in select(…)")
    }
    let handles = plan.handles
    for (path, field) in selection.flat {
      guard case .column(let column) = field, let owner = column.owner,
        !plan.hasOpenSource, !handles.contains(owner.name)
      else { continue }
      throw PrivataError(
        .badArgument,
        "field '\(path.joined(separator: "->"))' selects a column of '\(owner.name)', "
          + "which is not part of the query: did you forget to join it?",
        fields: [column.key], model: owner.name)
    }
    return try write(
      fields: selection, isSingle: plan.joins.isEmpty, nullable: plan.nullableHandles,
      markers: plan.markers)
  }

  /// Writes fields. In a query of one source plain columns stand bare; columns inside of
  /// expressions always name their table, so that none is captured by an inner query.
  mutating func write(
    fields: Selection, isSingle: Bool, nullable: Set<String> = [],
    markers: [String: SQLColumn]? = nil
  ) throws(PrivataError) -> RowShape {
    let flat = fields.flat
    for (index, entry) in flat.enumerated() {
      if index > 0 { write(", ") }
      try write(field: entry.field, isSingle: isSingle)
    }
    var builder = RowShape.Builder(nullable: nullable, markers: markers, count: flat.count)
    let root = builder.object(fields, depth: 0)
    for column in builder.hidden {
      write(", ")
      write(column)
    }
    return RowShape(
      root: root, columns: flat.map(\.field.fieldType) + builder.hidden.map(\.fieldType))
  }

  private mutating func write(field: SelectedField, isSingle: Bool) throws(PrivataError) {
    switch field {
    case .column(let column):
      let name = isSingle ? SQL([.name(column.name)]) : column.original.sql
      try write(column.codec.selection(of: name, in: .row, dialect))
      if let alias = column.alias { write(" as " + dialect.quote(alias)) }
    case .expression(let fragment):
      try write(fragment)
      if let alias = fragment.alias { write(" as " + dialect.quote(alias)) }
    case .scalar(let part): try write(part.sql)
    case .nested: break
    }
  }
}

extension SelectPlan {
  /// The fields: those asked for, or all of the only source, or all of each source by its name.
  var resolvedFields: Selection {
    if let fields { return fields }
    guard let from else { return Selection([]) }
    guard !joins.isEmpty else { return from.selection }
    let sources = [from] + joins.map(\.source)
    return Selection(
      sources.compactMap { source in source.resultKey.map { ($0, .nested(source.selection)) } })
  }

  /// The names that columns may be qualified with.
  var handles: Set<String> {
    Set(([from].compactMap { $0 } + joins.map(\.source)).compactMap(\.handle))
  }

  /// True where a source is SQL text, whose names are not known.
  var hasOpenSource: Bool {
    ([from].compactMap { $0 } + joins.map(\.source)).contains {
      if case .raw = $0 { true } else { false }
    }
  }

  /// The names of the sources that may be missing from a row.
  var nullableHandles: Set<String> {
    var known = [from?.handle].compactMap { $0 }
    var nullable: Set<String> = []
    for join in joins {
      let handle = join.source.handle
      if join.kind == .right || join.kind == .full { nullable.formUnion(known) }
      if let handle, join.kind == .left || join.kind == .full { nullable.insert(handle) }
      if let handle { known.append(handle) }
    }
    return nullable
  }

  /// A column of each table that is never null where the row is there; `nil` where a hidden column
  /// would change the answer.
  var markers: [String: SQLColumn]? {
    guard usesMarkers, distinct == nil, grouping.isEmpty, operations.isEmpty else { return nil }
    var markers: [String: SQLColumn] = [:]
    for case .table(let table) in [from].compactMap({ $0 }) + joins.map(\.source) {
      markers[table.handle] = table.primaryKey.first ?? table.columns.first { $0.isNotNull }
    }
    return markers
  }

  /// The names of the answer's columns, where each has one of its own.
  var unionNames: [String]? {
    var names: [String] = []
    for (_, field) in resolvedFields.flat {
      switch field {
      case .column(let column): names.append(column.alias ?? column.name)
      case .expression(let fragment):
        guard let alias = fragment.alias else { return nil }
        names.append(alias)
      case .scalar(let part): names.append(part.alias)
      case .nested: return nil
      }
    }
    return Set(names).count == names.count ? names : nil
  }

  func checkAliases() throws(PrivataError) {
    var seen = Set([from?.handle].compactMap { $0 })
    for handle in joins.compactMap(\.source.handle) where !seen.insert(handle).inserted {
      throw PrivataError(.badArgument, "alias '\(handle)' is already used in this query")
    }
  }

  /// Both sides of a set operator answer the same keys in the same order.
  func check(_ right: SelectPlan) throws(PrivataError) {
    let ours = resolvedFields.flat.map(\.path)
    let theirs = right.resolvedFields.flat.map(\.path)
    if ours != theirs {
      throw PrivataError(
        .badArgument, "both sides of a set operator must select the same keys in the same order")
    }
  }
}
