internal import PrivataCore

/// `by`, `having`, `orderBy`, `take` and `skip` of a `groupBy`.
struct Grouping: Sendable {
  private let model: PrismaModel
  private var by: [FieldSchema] = []
  private var having: Document
  private var orders: [(word: String?, field: String, isDescending: Bool)] = []
  private let take: Int?
  private let skip: Int

  init(_ arguments: Arguments) throws(PrivataError) {
    model = arguments.model
    having = try arguments.document("having")
    take = try arguments.integer("take")
    skip = try arguments.integer("skip") ?? 0
    let names =
      arguments["by"]?.asArray?.compactMap(\.asString)
      ?? arguments["by"]?.asString.map { [$0] } ?? []
    guard !names.isEmpty else {
      throw .refused("'by' names no field", model: model.name, fields: ["by"])
    }
    for name in names { by.append(try field(name)) }
    for document in try arguments.list("orderBy") { try read(document) }
    if orders.isEmpty, take != nil || skip > 0 {
      throw .refused("'take' and 'skip' need 'orderBy'", model: model.name, fields: ["orderBy"])
    }
    for element in having.elements where !["AND", "OR", "NOT"].contains(element.key) {
      _ = try field(element.key)
    }
  }

  /// The fields that groups, conditions and orders look at.
  var fields: [String] {
    by.map(\.name) + having.keys.filter { model.schema.field($0) != nil }
      + orders.map(\.field)
      .filter { model.schema.field($0) != nil }
  }

  /// The groups with their figures, filtered, ordered and cut.
  func groups(_ rows: [Document], _ accumulation: Accumulation) -> [Document] {
    var order: [[Value]] = []
    var members: [[Value]: [Document]] = [:]
    for row in rows {
      let key = by.map { row[$0.name] ?? .null }
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(row)
    }
    var groups = order.map { key in (key: key, rows: members[key] ?? []) }
      .filter { holds(having, $0.key, $0.rows) }
    groups = groups.enumerated().sorted { a, b in
      for (word, field, descending) in orders {
        let order = Value.order(
          figure(word, field, a.element.key, a.element.rows),
          figure(word, field, b.element.key, b.element.rows))
        if order != 0 { return descending ? order > 0 : order < 0 }
      }
      return a.offset < b.offset
    }.map(\.element)
    let page = groups.dropFirst(skip).prefix(take ?? groups.count)
    return page.map { group in
      var answer = Document(zip(by, group.key).map { .init(key: $0.name, value: $1) })
      for element in accumulation.figures(group.rows).elements {
        answer[element.key] = element.value
      }
      return answer
    }
  }

  private func figure(_ word: String?, _ name: String, _ key: [Value], _ rows: [Document]) -> Value
  {
    if word == "_count", name == "_all" { return .int(rows.count) }
    guard let field = model.schema.field(name) else { return .null }
    if let word { return Accumulation.figure(word, field, rows) }
    return by.firstIndex { $0.name == name }.map { key[$0] } ?? .null
  }

  /// Conditions on the fields of `by` or on figures of any field.
  private func holds(_ condition: Document, _ key: [Value], _ rows: [Document]) -> Bool {
    condition.elements.allSatisfy { element in
      let parts =
        element.value.asArray?.compactMap(\.asDocument)
        ?? element.value.asDocument.map { [$0] } ?? []
      switch element.key {
      case "AND": return parts.allSatisfy { holds($0, key, rows) }
      case "OR": return parts.contains { holds($0, key, rows) }
      case "NOT": return !parts.contains { holds($0, key, rows) }
      default: return holds(element.key, element.value, key, rows)
      }
    }
  }

  private func holds(_ name: String, _ value: Value, _ key: [Value], _ rows: [Document]) -> Bool {
    guard case .document(let operators) = value else {
      return matches(["equals": value], figure(nil, name, key, rows), name)
    }
    return operators.elements.allSatisfy { element in
      if Accumulation.words.contains(element.key) {
        let wanted = element.value.asDocument ?? ["equals": element.value]
        return matches(wanted, figure(element.key, name, key, rows), name)
      }
      return matches([element.key: element.value], figure(nil, name, key, rows), name)
    }
  }

  private func matches(_ operators: Document, _ value: Value, _ name: String) -> Bool {
    let figure = FieldSchema(name, .any)
    let model = PrismaModel(ModelSchema(name: model.name, collection: "", fields: [figure]))
    guard let filter = try? FieldFilter(field: figure, model: model).filter(.document(operators)),
      let matcher = try? FilterMatcher(filter, model: model.schema)
    else { return false }
    return (try? matcher.matches([name: value])) ?? false
  }

  private func field(_ name: String) throws(PrivataError) -> FieldSchema {
    guard let field = model.schema.field(name) else {
      throw .refused("\(model.name) has no field '\(name)'", model: model.name, fields: [name])
    }
    return field
  }

  private mutating func read(_ document: Document) throws(PrivataError) {
    for element in document.elements {
      if Accumulation.words.contains(element.key) {
        for inner in element.value.asDocument?.elements ?? [] {
          orders.append((element.key, inner.key, inner.value == "desc"))
        }
      } else {
        guard by.contains(where: { $0.name == element.key }) else {
          throw .refused(
            "groups are ordered by fields of 'by' or by figures", model: model.name,
            fields: [element.key])
        }
        let word = element.value.asString ?? element.value.asDocument?["sort"]?.asString
        orders.append((nil, element.key, word == "desc"))
      }
    }
  }
}
