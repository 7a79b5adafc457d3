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
    slots[index].value(filter: filter, changes: changes, skip: skip, limit: limit)
  }
}
