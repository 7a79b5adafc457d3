/// A compiled filter: conditions on paths under Boolean connectives.
indirect enum MatchExpression: Sendable {
  case constant(Bool)
  case and([MatchExpression])
  case or([MatchExpression])
  case nor([MatchExpression])
  case field(DottedPath, PathPredicate)
  case expression(Expression)
  case schema(JSONSchema)
  case text(TextSearch)
}

/// A condition on what a path reaches.
indirect enum PathPredicate: Sendable {
  /// Holds where any value that the path reaches satisfies it; arrays give their elements and
  /// themselves.
  case value(ValuePredicate)
  /// Holds where the path reaches an array, taken as a whole, that satisfies it.
  case array(ArrayPredicate)
  case not(PathPredicate)
  case and([PathPredicate])
  case or([PathPredicate])
}

/// A condition on an array as a whole.
indirect enum ArrayPredicate: Sendable {
  case size(Int)
  /// Some element is a document that matches.
  case elementMatches(MatchExpression)
  /// Some element satisfies all of these by itself.
  case element(PathPredicate)
}

extension MatchExpression {
  /// True where the document matches; records the position of array elements on the way.
  func matches(
    _ document: Document, _ order: ValueOrder, _ record: inout MatchRecord
  ) throws(PrivataError) -> Bool {
    switch self {
    case .constant(let value): return value
    case .field(let path, let predicate):
      return try predicate.matches(path, document, order, &record)
    case .and(let all):
      for one in all where try !one.matches(document, order, &record) {
        record.index = nil
        return false
      }
      return true
    case .or(let all): return try Self.any(all, document, order, record)
    case .nor(let all): return try !Self.any(all, document, order, record)
    case .expression(let expression):
      return try expression.evaluate(document, order: order, variables: record.variables)?.isTruthy
        ?? false
    case .schema(let schema): return try schema.matches(document, order)
    case .text(let search): return search.matches(document)
    }
  }

  // As in MongoDB, branches of $or and $nor leave no position behind.
  private static func any(
    _ all: [MatchExpression], _ document: Document, _ order: ValueOrder, _ record: MatchRecord
  ) throws(PrivataError) -> Bool {
    for one in all {
      var inner = record
      if try one.matches(document, order, &inner) { return true }
    }
    return false
  }
}

extension PathPredicate {
  /// True where what the path reaches in the document satisfies the condition.
  func matches(
    _ path: DottedPath, _ document: Document, _ order: ValueOrder, _ record: inout MatchRecord
  ) throws(PrivataError) -> Bool {
    switch self {
    case .value(let predicate):
      if path.isSimple { return simple(predicate, document[path.text], order, &record) }
      var found: Int?
      let matched = try path.visit(document, leafArrays: true) { value, offset in
        guard predicate.matches(value, order) else { return false }
        found = offset
        return true
      }
      if matched, let found { record.index = found }
      return matched
    case .array(let predicate):
      var found = MatchRecord()
      let matched = try path.visit(document, leafArrays: false) {
        (value, offset) throws(PrivataError) -> Bool in
        guard case .array(let items)? = value, let index = try predicate.match(items, order) else {
          return false
        }
        found.index = offset ?? index
        return true
      }
      if matched, found.index != -1 { record.index = found.index }
      return matched
    case .not(let inner):
      var ignored = MatchRecord()
      return try !inner.matches(path, document, order, &ignored)
    case .and(let all):
      for one in all where try !one.matches(path, document, order, &record) { return false }
      return true
    case .or(let all):
      for one in all {
        var ignored = MatchRecord()
        if try one.matches(path, document, order, &ignored) { return true }
      }
      return false
    }
  }

  /// The common case of a path without dots, without a closure.
  private func simple(
    _ predicate: ValuePredicate, _ value: Value?, _ order: ValueOrder, _ record: inout MatchRecord
  ) -> Bool {
    guard case .array(let items)? = value else { return predicate.matches(value, order) }
    for (index, item) in items.enumerated() where predicate.matches(item, order) {
      record.index = index
      return true
    }
    return predicate.matches(value, order)
  }

  /// True where one value by itself satisfies the condition, as inside `$elemMatch`: its own
  /// elements are not looked at.
  func matchesSingle(_ value: Value, _ order: ValueOrder) throws(PrivataError) -> Bool {
    switch self {
    case .value(let predicate): return predicate.matches(value, order)
    case .array(let predicate):
      guard case .array(let items) = value else { return false }
      return try predicate.match(items, order) != nil
    case .not(let inner): return try !inner.matchesSingle(value, order)
    case .and(let all):
      for one in all where try !one.matchesSingle(value, order) { return false }
      return true
    case .or(let all):
      for one in all where try one.matchesSingle(value, order) { return true }
      return false
    }
  }
}

extension ArrayPredicate {
  /// The position of the element that satisfies the condition, -1 where it is about the whole
  /// array, `nil` where the array does not satisfy it.
  func match(_ items: [Value], _ order: ValueOrder) throws(PrivataError) -> Int? {
    switch self {
    case .size(let size): return items.count == size ? -1 : nil
    case .elementMatches(let filter):
      for (index, item) in items.enumerated() {
        guard let document = item.asDocumentOrArray else { continue }
        var ignored = MatchRecord()
        if try filter.matches(document, order, &ignored) { return index }
      }
      return nil
    case .element(let predicate):
      for (index, item) in items.enumerated() where try predicate.matchesSingle(item, order) {
        return index
      }
      return nil
    }
  }
}

extension Value {
  /// A document, or an array seen as a document with the keys `0`, `1`, `2`...
  var asDocumentOrArray: Document? {
    switch self {
    case .document(let document): document
    case .array(let items):
      Document(
        items.enumerated().map { Document.Element(key: String($0.offset), value: $0.element) })
    default: nil
    }
  }
}
