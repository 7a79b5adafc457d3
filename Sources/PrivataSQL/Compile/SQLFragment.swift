package import PrivataCore

/// A piece of SQL whose parameters have no numbers yet; they are numbered when a statement is put
/// together.
package struct SQLFragment: Sendable, Hashable, ExpressibleByStringInterpolation {
  enum Piece: Sendable, Hashable {
    case text(String)
    case parameter(SQLSlot, FieldType?)
  }

  var pieces: [Piece]

  init(pieces: [Piece]) { self.pieces = pieces }

  package init(stringLiteral value: String) { pieces = [.text(value)] }

  package init(stringInterpolation: Interpolation) { pieces = stringInterpolation.pieces }

  /// Joins fragments by a text.
  static func joined(_ fragments: [SQLFragment], by separator: String) -> SQLFragment {
    var pieces: [Piece] = []
    for (index, fragment) in fragments.enumerated() {
      if index > 0 { pieces.append(.text(separator)) }
      pieces += fragment.pieces
    }
    return SQLFragment(pieces: pieces)
  }

  /// One parameter.
  static func parameter(_ slot: SQLSlot, _ type: FieldType?) -> SQLFragment {
    SQLFragment(pieces: [.parameter(slot, type)])
  }

  static func += (a: inout SQLFragment, b: SQLFragment) { a.pieces += b.pieces }

  package struct Interpolation: StringInterpolationProtocol {
    var pieces: [Piece] = []

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { pieces.append(.text(literal)) }
    }

    /// Names and words, which are SQL already.
    package mutating func appendInterpolation(_ sql: String) { pieces.append(.text(sql)) }

    package mutating func appendInterpolation(_ fragment: SQLFragment) {
      pieces += fragment.pieces
    }
  }
}

/// A statement with the sources of its parameters.
package struct SQLCompiled: Sendable {
  package let template: SQLTemplate
  package let slots: [SQLSlot]
  private let quick: [QuickSlot]

  /// Numbers the fragment's parameters and makes its text.
  init(
    _ fragment: SQLFragment, dialect: SQLDialect, kind: String, collection: String,
    columns: [FieldType?]? = nil
  ) {
    var text = ""
    var slots: [SQLSlot] = []
    var types: [FieldType?] = []
    for piece in fragment.pieces {
      switch piece {
      case .text(let sql): text += sql
      case .parameter(let slot, let type):
        slots.append(slot)
        types.append(type)
        text += dialect.placeholder(slots.count)
      }
    }
    template = SQLTemplate(
      text, kind: kind, collection: collection, parameters: types, columns: columns)
    self.slots = slots
    quick = slots.map { QuickSlot($0) }
  }

  /// Another text around that of a statement, with the same parameters in the same order.
  init(_ inner: SQLCompiled, text: String, columns: [FieldType?]) {
    let template = inner.template
    self.template = SQLTemplate(
      text, kind: template.kind, collection: template.collection, parameters: template.parameters,
      columns: columns)
    slots = inner.slots
    quick = inner.quick
  }

  /// The statement with the values of one run.
  package func statement(
    filter: Filter, changes: Changes? = nil, skip: Int = 0, limit: Int? = nil
  ) -> SQLStatement {
    SQLStatement(
      template,
      slots.map { $0.value(filter: filter, changes: changes, skip: skip, limit: limit) })
  }
}

extension SQLCompiled {
  /// The value of a parameter for one run, by its position.
  package func value(
    _ index: Int, filter: Filter, changes: Changes?, skip: Int, limit: Int?
  ) -> Value {
    let quick = quick[index]
    switch quick.source {
    case .filter: return converted(filter.literal(quick.first, quick.second), index, quick)
    case .changes:
      guard let value = changes?.literal(quick.first, quick.second) else { return .null }
      return converted(value, index, quick)
    case .other:
      return slots[index].value(filter: filter, changes: changes, skip: skip, limit: limit)
    }
  }

  @inline(__always)
  private func converted(_ value: Value, _ index: Int, _ quick: QuickSlot) -> Value {
    quick.converts ? slots[index].convert(value) : value
  }
}

/// What most slots are: a literal at a path of at most two steps, in the column's form or nearly so.
private struct QuickSlot: Sendable {
  enum Source: UInt8, Sendable { case filter, changes, other }

  var source = Source.other
  var converts = true
  /// The steps of the path; -1 past its end.
  var first = -1
  var second = -1

  init(_ slot: SQLSlot) {
    let path: [Int]
    switch slot.source {
    case .filter(let steps):
      source = .filter
      path = steps
    case .changes(let steps):
      source = .changes
      path = steps
    default: return
    }
    guard path.count <= 2 else {
      source = .other
      return
    }
    first = path.first ?? -1
    second = path.dropFirst().first ?? -1
    switch slot.conversion {
    case .plain: converts = false
    case .comparable(let type): converts = !Self.isIdentity(type)
    default: converts = true
    }
  }

  /// The shape of a query lets only values of these very types through.
  private static func isIdentity(_ type: FieldType) -> Bool {
    switch type {
    case .objectID, .string, .varchar, .date, .bool, .uuid, .binary: true
    default: false
    }
  }
}

extension Filter {
  /// The literal at a path of at most two steps.
  @inline(__always)
  fileprivate func literal(_ first: Int, _ second: Int) -> Value {
    switch self {
    case .compare(_, _, let value) where first < 0: return value
    case .document(let document): return document.literal(first, second)
    default:
      let path = second >= 0 ? [first, second] : (first >= 0 ? [first] : [])
      return literal(at: path, from: 0)
    }
  }
}

extension Changes {
  /// The value at a path of at most two steps.
  @inline(__always)
  fileprivate func literal(_ first: Int, _ second: Int) -> Value {
    switch self {
    case .operators(let document): return document.literal(first, second)
    default: return literal(at: second >= 0 ? [first, second] : [first], from: 0)
    }
  }
}

extension Document {
  @inline(__always)
  fileprivate func literal(_ first: Int, _ second: Int) -> Value {
    let elements = elements
    guard elements.indices.contains(first) else { return .null }
    if second < 0 { return elements[first].value }
    return elements[first].value.literal(at: [second], from: 0)
  }
}
