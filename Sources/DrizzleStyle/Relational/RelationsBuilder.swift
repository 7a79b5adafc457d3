internal import PrivataCore

/// Checks the declared relations and completes those that name no columns.
struct RelationsBuilder {
  let sources: [String: any QuerySource]
  let definitions: [String: [String: RelationDefinition]]

  mutating func build() throws(PrivataError) -> [String: [String: Relation]] {
    var built: [String: [String: Relation]] = [:]
    for table in definitions.keys.sorted() {
      for (name, definition) in (definitions[table] ?? [:]).sorted(by: { $0.key < $1.key }) {
        built[table, default: [:]][name] = try relation(name, of: table, definition)
      }
    }
    return built
  }

  private func relation(
    _ name: String, of table: String, _ definition: RelationDefinition
  ) throws(PrivataError) -> Relation {
    let refuse = { (reason: String) in
      PrivataError(
        .badArgument, "relation '\(name)' of '\(table)': \(reason)", fields: [name], model: table)
    }
    guard let source = sources[table] else { throw refuse("no such table") }
    guard sources[definition.target] != nil else {
      throw refuse("no table '\(definition.target)'")
    }
    if source.source.selection[name] != nil { throw refuse("a column has the same name") }
    if definition.alias?.isEmpty == true { throw refuse("the alias is empty") }
    switch (definition.from, definition.to) {
    case (let from?, let to?):
      if let reason = fault(table, definition.target, from, to) { throw refuse(reason) }
      return made(name, definition, from, to, definition.condition)
    case (nil, nil):
      return try reverse(name, of: table, definition, refuse)
    default: throw refuse("it needs both 'from' and 'to', or neither")
    }
  }

  private func fault(
    _ table: String, _ target: String, _ from: [RelationColumn], _ to: [RelationColumn]
  ) -> String? {
    if from.isEmpty || to.isEmpty { return "'from' and 'to' cannot be empty" }
    let junctions = (from + to).map(\.through)
    let isThrough = junctions.contains { $0 != nil }
    if !isThrough, from.count != to.count { return "'from' and 'to' differ in length" }
    if from.contains(where: { $0.table != table }) { return "a 'from' column is of another table" }
    if to.contains(where: { $0.table != target }) { return "a 'to' column is of another table" }
    if isThrough {
      if junctions.contains(nil) { return "either all columns go over a junction, or none" }
      let tables = Set(junctions.compactMap { $0.map { RelationColumn($0).table } })
      if tables.count > 1 { return "the junction columns are of more than one table" }
      if sources[tables.first ?? ""] == nil { return "no such junction table" }
    }
    for column in from + to where sources[column.table]?.source.selection[column.key] == nil {
      return "no column '\(column.path)'"
    }
    return nil
  }

  private func made(
    _ name: String, _ definition: RelationDefinition, _ from: [RelationColumn],
    _ to: [RelationColumn], _ condition: RelationFilter?, isReversed: Bool = false
  ) -> Relation {
    var relation = Relation(
      name: name, isOne: definition.isOne, target: definition.target, from: from.map(\.key),
      to: to.map(\.key), condition: condition, isReversed: isReversed)
    if let junction = from.first?.through.map({ RelationColumn($0).table }) {
      let keys = { (columns: [RelationColumn]) in
        columns.compactMap { $0.through.map { RelationColumn($0).key } }
      }
      relation.junction = .init(table: junction, from: keys(from), to: keys(to))
    }
    return relation
  }

  /// The relation that mirrors the one that the other table declares.
  private func reverse(
    _ name: String, of table: String, _ definition: RelationDefinition,
    _ refuse: (String) -> PrivataError
  ) throws(PrivataError) -> Relation {
    let others = (definitions[definition.target] ?? [:]).filter { other in
      let isSame = definition.target == table && other.key == name
      if isSame { return false }
      if let alias = definition.alias { return other.value.alias == alias }
      return other.value.target == table && other.value.alias == nil
    }
    guard let other = others.values.first else {
      throw refuse("no columns, and '\(definition.target)' declares no relation to mirror")
    }
    if others.count > 1 {
      throw refuse(
        "no columns, and '\(definition.target)' declares more than one relation to mirror: "
          + "give both sides the same alias")
    }
    guard let from = other.from, let to = other.to else {
      throw refuse("the relation to mirror has no columns either")
    }
    if let reason = fault(definition.target, table, from, to) { throw refuse(reason) }
    return made(
      name, definition, to, from, definition.condition ?? other.condition,
      isReversed: definition.condition == nil)
  }
}
