internal import PrivataCore

/// A filter as the store of an encrypted half can check it: conditions on encrypted fields become
/// conditions on their tags.
struct SealedFilter: Sendable {
  /// What the store checks.
  private(set) var physical: Filter
  /// True where rows have to be checked again once they are open, because tags are shared.
  private(set) var isResidual = false

  private let plan: SealingPlan
  private let index: BlindIndex?

  /// - Parameter index: the tags; `nil` for a filter that reads no encrypted field.
  /// - Throws: `unsupported` for a condition that ciphertext cannot answer; it names the field and
  ///   what to use instead.
  init(
    _ filter: Filter, _ plan: SealingPlan, _ index: BlindIndex?, collation: Document? = nil
  ) throws(PrivataError) {
    self.plan = plan
    self.index = index
    physical = .all
    guard Self.touches(filter, plan) else {
      physical = filter
      return
    }
    if collation != nil, let name = Self.named(filter, plan) {
      throw Self.refused(name, plan, "compared by a collation", "normalise its index")
    }
    physical = try rewritten(filter)
  }

  /// True where a filter reads an encrypted field.
  static func touches(_ filter: Filter, _ plan: SealingPlan) -> Bool {
    switch filter {
    case .all: return false
    case .compare(let path, _, _), .isIn(let path, _): return plan.sealed(path) != nil
    case .and(let parts): return parts.contains { touches($0, plan) }
    default: break
    }
    let use = FieldUse.of(filter)
    return use.isAll || use.names.contains { plan.byName[$0] != nil }
  }

  private static func named(_ filter: Filter, _ plan: SealingPlan) -> String? {
    FieldUse.of(filter).names.sorted().first { plan.byName[$0] != nil }
  }

  static func refused(
    _ name: String, _ plan: SealingPlan, _ what: String, _ instead: String
  ) -> PrivataError {
    PrivataError(
      .unsupported, "\(plan.logical.name).\(name) is encrypted and cannot be \(what): \(instead)",
      fields: [name], model: plan.logical.name)
  }

  // MARK: - Typed conditions

  private mutating func rewritten(_ filter: Filter) throws(PrivataError) -> Filter {
    switch filter {
    case .all, .none: return filter
    case .document(let document): return .document(try rewritten(document))
    case .compare(let path, let comparison, let value):
      guard let field = plan.sealed(path) else { return filter }
      return try compare(field, path, comparison, value)
    case .isIn(let path, let values):
      guard let field = plan.sealed(path) else { return filter }
      return .isIn(try tagName(field, path), try tags(values, field))
    case .isNotIn(let path, let values):
      guard let field = plan.sealed(path) else { return filter }
      let name = try tagName(field, path)
      if field.bits < 128 { return superset(.isNotNull(name)) }
      return .isNotIn(name, try tags(values, field))
    case .compareFields(let path, _, let other):
      for path in [path, other] {
        guard let field = plan.sealed(path) else { continue }
        throw refused(field, "compared with another field", "compare in the program")
      }
      return filter
    case .text(let path, _, _, _):
      guard let field = plan.sealed(path) else { return filter }
      throw refused(field, "searched by text", Self.equalityOnly)
    case .list(let path, _, _):
      guard let field = plan.sealed(path) else { return filter }
      throw refused(field, "searched by its elements", "keep the elements in a model of their own")
    case .isNull, .isNotNull: return filter
    case .and(let parts): return .and(try all(parts))
    case .or(let parts): return .or(try all(parts))
    case .not(let inner):
      let wasResidual = isResidual
      isResidual = false
      let rewritten = try rewritten(inner)
      // What shares a tag must not be taken out before it is looked at.
      if isResidual { return .all }
      isResidual = wasResidual
      return .not(rewritten)
    }
  }

  private mutating func all(_ parts: [Filter]) throws(PrivataError) -> [Filter] {
    var rewritten: [Filter] = []
    for part in parts { rewritten.append(try self.rewritten(part)) }
    return rewritten
  }

  private mutating func compare(
    _ field: SealedField, _ path: String, _ comparison: Filter.Comparison, _ value: Value
  ) throws(PrivataError) -> Filter {
    switch comparison {
    case .equal:
      let name = try tagName(field, path)
      return .compare(name, .equal, try tag(value, field))
    case .notEqual:
      let name = try tagName(field, path)
      if field.bits < 128 { return superset(.isNotNull(name)) }
      return .compare(name, .notEqual, try tag(value, field))
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      throw refused(field, "compared by order", Self.equalityOnly)
    }
  }

  // MARK: - MongoDB's conditions

  private mutating func rewritten(_ document: Document) throws(PrivataError) -> Document {
    var elements: [Document.Element] = []
    for element in document.elements {
      switch element.key {
      case "$and", "$or", "$nor": elements.append(try rewritten(parts: element))
      case "$comment", "$text": elements.append(element)
      case "$expr":
        var use = FieldUse()
        use.add(expression: element.value)
        if let field = plan.fields.first(where: { use.isAll || use.names.contains($0.name) }) {
          throw refused(field, "part of an expression", "compute in the program")
        }
        elements.append(element)
      case let key where key.utf8.first == 0x24:
        throw refused(plan.fields[0], "read by \(key)", "name the other fields in the filter")
      case let path:
        guard let field = plan.sealed(path) else {
          elements.append(element)
          continue
        }
        elements += try condition(field, path, element.value)
      }
    }
    return Document(elements)
  }

  private mutating func rewritten(
    parts element: Document.Element
  ) throws(PrivataError) -> Document.Element {
    let wasResidual = isResidual
    isResidual = false
    var parts: [Value] = []
    for part in element.value.asArray ?? [] {
      guard case .document(let document) = part else { return element }
      parts.append(.document(try rewritten(document)))
    }
    if isResidual, element.key == "$nor" { return .init(key: "$and", value: [[:]]) }
    isResidual = isResidual || wasResidual
    return .init(key: element.key, value: .array(parts))
  }

  private mutating func condition(
    _ field: SealedField, _ path: String, _ value: Value
  ) throws(PrivataError) -> [Document.Element] {
    switch value {
    case .regex: throw refused(field, "matched by a pattern", Self.equalityOnly)
    case .document(let operators) where operators.isCondition:
      var elements: [Document.Element] = []
      var onTag: [Document.Element] = []
      for element in operators.elements {
        if element.key == "$exists" {
          elements.append(.init(key: path, value: ["$exists": element.value]))
        } else if let part = try condition(field, path, element) {
          onTag.append(part)
        }
      }
      if !onTag.isEmpty {
        elements.append(
          .init(key: try tagName(field, path), value: .document(Document(onTag))))
      }
      return elements
    default:
      let name = try tagName(field, path)
      return [.init(key: name, value: try tag(value, field))]
    }
  }

  /// One operator on an encrypted field, as one on its tag; `nil` where only the open row can tell.
  private mutating func condition(
    _ field: SealedField, _ path: String, _ element: Document.Element
  ) throws(PrivataError) -> Document.Element? {
    switch element.key {
    case "$eq":
      _ = try tagName(field, path)
      return .init(key: "$eq", value: try tag(element.value, field))
    case "$in":
      _ = try tagName(field, path)
      return .init(key: "$in", value: .array(try tags(element.value.asArray ?? [], field)))
    case "$ne", "$nin", "$not":
      _ = try tagName(field, path)
      if field.bits < 128 {
        isResidual = true
        return nil
      }
      return try negated(field, path, element)
    case "$gt", "$gte", "$lt", "$lte":
      throw refused(field, "compared by order", Self.equalityOnly)
    default:
      throw refused(field, "searched with \(element.key)", Self.equalityOnly)
    }
  }

  private mutating func negated(
    _ field: SealedField, _ path: String, _ element: Document.Element
  ) throws(PrivataError) -> Document.Element {
    switch element.key {
    case "$ne": return .init(key: "$ne", value: try tag(element.value, field))
    case "$nin":
      return .init(key: "$nin", value: .array(try tags(element.value.asArray ?? [], field)))
    default:
      guard case .document(let operators) = element.value, !operators.contains("$exists") else {
        throw refused(field, "matched by a pattern", Self.equalityOnly)
      }
      var parts: [Document.Element] = []
      for part in operators.elements {
        if let part = try condition(field, path, part) { parts.append(part) }
      }
      return .init(key: "$not", value: .document(Document(parts)))
    }
  }

  // MARK: - Tags

  private static let equalityOnly =
    "declare .encrypted(index: .equality) and ask for equality, or filter in the program"

  private func refused(
    _ field: SealedField, _ what: String, _ instead: String
  ) -> PrivataError { Self.refused(field.name, plan, what, instead) }

  private mutating func superset(_ filter: Filter) -> Filter {
    isResidual = true
    return filter
  }

  /// The name of a field's tag, where a condition means the whole field.
  private mutating func tagName(
    _ field: SealedField, _ path: String
  ) throws(PrivataError) -> String {
    guard path == field.name else {
      throw refused(field, "searched by a path inside it", "keep that part in a field of its own")
    }
    guard let tag = index.map({ $0.name(field) }) ?? field.tag else {
      throw refused(
        field, "searched", "declare .encrypted(index: .equality) to find records by it")
    }
    if field.bits < 128 { isResidual = true }
    return tag
  }

  private func tag(_ value: Value, _ field: SealedField) throws(PrivataError) -> Value {
    try index?.tag(value, field) ?? .null
  }

  private func tags(_ values: [Value], _ field: SealedField) throws(PrivataError) -> [Value] {
    var tags: [Value] = []
    for value in values {
      if case .regex = value { throw refused(field, "matched by a pattern", Self.equalityOnly) }
      tags.append(try tag(value, field))
    }
    return tags
  }
}

extension FieldUse {
  /// What a filter reads, whatever the model's division; a text search reads indexes that hold no
  /// encrypted field.
  static func of(_ filter: Filter) -> FieldUse {
    var use = FieldUse()
    use.collect(filter)
    return use
  }

  private mutating func collect(_ filter: Filter) {
    switch filter {
    case .all, .none: break
    case .document(let document): collect(document)
    case .compare(let path, _, _), .isIn(let path, _), .isNotIn(let path, _), .isNull(let path),
      .isNotNull(let path), .text(let path, _, _, _), .list(let path, _, _):
      insert(path: path)
    case .compareFields(let path, _, let other):
      insert(path: path)
      insert(path: other)
    case .and(let parts), .or(let parts): for part in parts { collect(part) }
    case .not(let inner): collect(inner)
    }
  }

  private mutating func collect(_ document: Document) {
    for element in document.elements {
      switch element.key {
      case "$and", "$or", "$nor":
        for case .document(let part) in element.value.asArray ?? [] { collect(part) }
      case "$expr": add(expression: element.value)
      case "$comment", "$text": break
      case let key where key.utf8.first == 0x24: isAll = true
      case let path: insert(path: path)
      }
    }
  }
}
