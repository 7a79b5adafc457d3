import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

extension Scope {
  /// The configuration of a relational query.
  func config(_ json: JSON?) throws -> RelationalConfig {
    var config = RelationalConfig()
    guard let json else { return config }
    if let columns = json["columns"]?.members {
      config.columns = KeyList(columns.compactMap { m in m.value.bool.map { (m.key, $0) } })
    }
    var related: [(key: String, value: RelationalConfig?)] = []
    for member in json["with"]?.members ?? [] {
      if member.value.bool == false { continue }
      related.append((member.key, try self.config(member.value.bool == true ? nil : member.value)))
    }
    config.with = KeyList(related)
    if let filter = json["where"] { config.filter = try self.filter(filter) }
    config.order = try order(json["orderBy"])
    if let limit = json["limit"], !limit.has("undefined") { config.limit = try bound(limit) }
    if let offset = json["offset"], !offset.has("undefined") { config.offset = try bound(offset) }
    var extras: [(key: String, value: RelationExtra)] = []
    for member in json["extras"]?.members ?? [] {
      let expression = member.value["callback"] ?? member.value
      extras.append((member.key, RelationExtra(try callback(expression))))
    }
    config.extras = KeyList(extras)
    return config
  }

  /// An expression over the table that a callback is handed.
  private func callback(_ json: JSON) throws -> @Sendable (RelationTable) -> SQL {
    var probe = self
    probe.own = { key in SQLTable("probe", [:])[key] }
    _ = try probe.fragment(json)
    let scope = self
    return { table in
      var inner = scope
      inner.own = { table[$0] }
      return (try? inner.fragment(json)) ?? .empty
    }
  }

  private func order(_ json: JSON?) throws -> RelationOrder? {
    guard let json else { return nil }
    if let list = json["callback"] {
      let elements: [JSON] =
        list.elements.map { $0.first?.string == nil ? $0 : [list] } ?? [list]
      let scope = self
      return RelationOrder { table in
        var inner = scope
        inner.own = { table[$0] }
        return elements.compactMap { element -> (any SQLConvertible)? in
          guard case .sql(let part)? = try? inner.node(element) else { return nil }
          return part
        }
      }
    }
    let keys = (json.members ?? []).compactMap {
      member -> (key: String, direction: RelationOrder.Direction)? in
      switch member.value.string {
      case "asc": (member.key, .ascending)
      case "desc": (member.key, .descending)
      default: nil
      }
    }
    return keys.isEmpty ? nil : RelationOrder(keys: keys)
  }

  /// A filter of relational queries.
  func filter(_ json: JSON) throws -> RelationFilter {
    if let callback = json["callback"], json.members?.count == 1 {
      return RelationFilter(parts: [("RAW", .raw(try self.callback(callback)))])
    }
    var parts: [(key: String, value: FilterValue)] = []
    for member in json.members ?? [] {
      if member.key == "RAW" {
        let expression = member.value["callback"] ?? member.value
        parts.append(("RAW", .raw(try callback(expression))))
      } else if let value = try filterValue(member.value) {
        parts.append((member.key, value))
      }
    }
    return RelationFilter(parts: parts)
  }

  private static let literals: Set = [
    "value", "date", "bigint", "bytes", "placeholder", "col", "sql", "chain", "list", "self",
  ]

  private func filterValue(_ json: JSON) throws -> FilterValue? {
    switch json.kind {
    case .object(let members):
      if members.count == 1, members[0].key == "undefined" { return nil }
      if members.count == 1, Self.literals.contains(members[0].key) { return try literal(json) }
      return .object(try filter(json))
    case .array(let elements): return .list(try elements.compactMap { try filterValue($0) })
    default: return .value(try TypedJSON.value(json))
    }
  }

  private func literal(_ json: JSON) throws -> FilterValue {
    switch try node(json) {
    case .value(.array(let values)): .list(values.map { .value($0) })
    case .value(let value): .value(value)
    case .placeholder(let placeholder): .placeholder(placeholder.name)
    case .sql(let part): .sql((part as? SQL) ?? part.sql)
    case .list(let nodes):
      .list(
        nodes.compactMap { node in if case .value(let value) = node { .value(value) } else { nil } }
      )
    case .undefined: throw ReplayFailure("a filter that is undefined")
    }
  }
}
