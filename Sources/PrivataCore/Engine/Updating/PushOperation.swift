/// `$push` with its modifiers: what to add, where, and how to sort and cut the array after.
struct PushOperation: Sendable {
  private var values: [Value] = []
  private var position: Int?
  private var slice: Int?
  private var sort: Sort?

  private enum Sort: Sendable {
    case whole(isDescending: Bool)
    case fields([(DottedPath, isDescending: Bool)])
  }

  /// The operation of `$push`'s operand.
  init(_ value: Value, _ path: String) throws(PrivataError) {
    guard case .document(let document) = value, document.contains("$each") else {
      values = [value]
      return
    }
    for element in document.elements {
      switch element.key {
      case "$each":
        guard case .array(let each) = element.value else {
          throw .rejected(
            2,
            "The argument to $each in $push must be an array but it was of type "
              + element.value.typeName, fields: [path])
        }
        values = each
      case "$position": position = try Self.integer(element, path)
      case "$slice": slice = try Self.integer(element, path)
      case "$sort": sort = try Self.sort(element.value, path)
      default:
        throw .rejected(2, "Unrecognized clause in $push: \(element.key)", fields: [path])
      }
    }
  }

  private static func integer(
    _ element: Document.Element, _ path: String
  ) throws(PrivataError) -> Int {
    guard let value = element.value.exactInteger else {
      throw .rejected(
        2, "The value for \(element.key) must be an integer value", fields: [path])
    }
    return Int(value)
  }

  private static func sort(_ value: Value, _ path: String) throws(PrivataError) -> Sort {
    if let direction = value.exactInteger {
      guard direction.magnitude == 1 else {
        throw .rejected(2, "The $sort element value must be either 1 or -1", fields: [path])
      }
      return .whole(isDescending: direction < 0)
    }
    guard case .document(let document) = value else {
      throw .rejected(2, "The $sort is invalid: use 1/-1 or a document", fields: [path])
    }
    guard !document.isEmpty else {
      throw .rejected(
        2, "The $sort pattern is empty when it should be a set of fields.", fields: [path])
    }
    var fields: [(DottedPath, isDescending: Bool)] = []
    for element in document.elements {
      guard let direction = element.value.exactInteger, direction.magnitude == 1 else {
        throw .rejected(2, "The $sort element value must be either 1 or -1", fields: [path])
      }
      let key = DottedPath(element.key)
      guard !element.key.isEmpty, !key.parts.contains("") else {
        throw .rejected(2, "The $sort field cannot be empty or have an empty part", fields: [path])
      }
      fields.append((key, direction < 0))
    }
    return .fields(fields)
  }

  /// The array after the operation.
  func apply(to items: [Value], _ order: ValueOrder) throws(PrivataError) -> [Value] {
    var items = items
    let end = items.count
    let place = position.map { $0 < 0 ? max(0, end + $0) : min($0, end) } ?? end
    items.insert(contentsOf: values, at: place)
    if let sort { items = Self.sorted(items, sort, order) }
    guard let slice else { return items }
    return ProjectionPlan.slice(items, slice, nil)
  }

  private static func sorted(_ items: [Value], _ sort: Sort, _ order: ValueOrder) -> [Value] {
    switch sort {
    case .whole(let isDescending):
      return stable(items) { isDescending ? -order.compare($0, $1) : order.compare($0, $1) }
    case .fields(let fields):
      return stable(items) { a, b in
        for (path, isDescending) in fields {
          let result = order.compare(value(path, a), value(path, b))
          if result != 0 { return isDescending ? -result : result }
        }
        return 0
      }
    }
  }

  private static func value(_ path: DottedPath, _ item: Value) -> Value {
    guard case .document(let document) = item else { return .null }
    return path.value(in: document) ?? .null
  }

  static func stable(_ items: [Value], _ compare: (Value, Value) -> Int) -> [Value] {
    items.enumerated().sorted { a, b in
      let order = compare(a.element, b.element)
      return order == 0 ? a.offset < b.offset : order < 0
    }.map(\.element)
  }
}
