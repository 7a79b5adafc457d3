internal import PrivataCore

/// What a query answers: keys with columns, expressions, or selections of their own.
///
/// ```swift
/// db.select(["id": users["id"], "name": ["first": users["firstName"], "last": users["lastName"]]])
/// // rows: {id: 1, name: {first: "Ada", last: "Lovelace"}}
/// ```
///
/// Fields are mapped by position, so columns of the same name do not clash.
public struct Selection: Sendable, ExpressibleByDictionaryLiteral {
  var fields: [(key: String, field: SelectedField)]

  init(_ fields: [(String, SelectedField)]) { self.fields = fields.map { ($0.0, $0.1) } }

  /// A selection of these fields.
  public init(dictionaryLiteral elements: (String, any Selectable)...) {
    fields = elements.map { ($0.0, $0.1.selectedField) }
  }

  /// A selection of fields that are known at run time.
  public init(fields: [(key: String, field: any Selectable)]) {
    self.fields = fields.map { ($0.key, $0.field.selectedField) }
  }

  /// The field of a key; of the keys of nested selections for more than one.
  public subscript(path: String...) -> SelectedField? { field(path[...]) }

  func field(_ path: ArraySlice<String>) -> SelectedField? {
    guard let key = path.first, let found = fields.first(where: { $0.key == key })?.field else {
      return nil
    }
    if path.count == 1 { return found }
    if case .nested(let inner) = found { return inner.field(path.dropFirst()) }
    return nil
  }

  /// The keys, in order.
  public var keys: [String] { fields.map(\.key) }
}

/// One field of a selection.
public indirect enum SelectedField: Sendable {
  case column(SQLColumn)
  case expression(SQL)
  case nested(Selection)
  /// A query of one column.
  case scalar(Subquery)
}

/// What can be selected: columns, expressions, tables, subqueries, selections.
public protocol Selectable: Sendable {
  /// The field.
  var selectedField: SelectedField { get }
}

extension SQLColumn: Selectable {
  /// The column.
  public var selectedField: SelectedField { .column(self) }
}

extension SQL: Selectable {
  /// The expression.
  public var selectedField: SelectedField { .expression(self) }
}

extension Selection: Selectable {
  /// The selection as an object.
  public var selectedField: SelectedField { .nested(self) }
}

extension SQLTable: Selectable {
  /// All columns as an object.
  public var selectedField: SelectedField { .nested(source.selection) }
}

extension SelectedField: Selectable {
  /// The field itself.
  public var selectedField: SelectedField { self }
}

extension SelectedField {
  /// The field as an expression of `where` and `having`: what was named is repeated.
  var repeated: SQL {
    switch self {
    case .column(let column): column.original.sql
    case .expression(var fragment):
      {
        fragment.alias = nil
        return fragment
      }()
    case .nested: .failure(PrivataError(.badArgument, "an object is no expression"))
    case .scalar(let part): SQL([.query(part.statement)])
    }
  }

  /// The field as an expression of `order by` and `group by`: by its name, where it has one.
  var named: SQL {
    switch self {
    case .column(let column): column.sql
    case .expression(let fragment): fragment.sql
    case .nested: .failure(PrivataError(.badArgument, "an object is no expression"))
    case .scalar(let part): .identifier(part.alias)
    }
  }
}

extension Selection {
  /// The fields without nesting, with their paths, in order.
  var flat: [(path: [String], field: SelectedField)] {
    fields.flatMap { key, field -> [(path: [String], field: SelectedField)] in
      guard case .nested(let inner) = field else { return [([key], field)] }
      return inner.flat.map { ([key] + $0.path, $0.field) }
    }
  }

  /// The same fields as columns of a part of another query.
  func columns(of owner: SQLColumn.Owner) -> Selection {
    Selection(fields.map { ($0.key, $0.field.outer(key: $0.key, owner)) })
  }
}

extension SelectedField {
  fileprivate func outer(key: String, _ owner: SQLColumn.Owner) -> SelectedField {
    switch self {
    case .column(let column):
      return .column(
        SQLColumn(
          key: key, name: column.alias ?? column.name, definition: column.definition,
          codec: column.codec, owner: owner))
    case .expression(let fragment):
      guard let alias = fragment.alias else { return .expression(.unnamed(key)) }
      return .column(
        SQLColumn(
          key: key, name: alias, definition: nil, codec: ExpressionCodec(decoder: fragment.decoder),
          owner: owner))
    case .nested(let inner): return .nested(inner.columns(of: owner))
    case .scalar(let part):
      let codec = ExpressionCodec(decoder: part.scalarDecoder)
      return .column(
        SQLColumn(key: key, name: part.alias, definition: nil, codec: codec, owner: owner))
    }
  }
}

extension SQL {
  fileprivate static func unnamed(_ key: String) -> SQL {
    .failure(
      PrivataError(
        .badArgument,
        "field '\(key)' of a subquery is an expression without a name: add .as(\"\(key)\")",
        fields: [key]))
  }
}
