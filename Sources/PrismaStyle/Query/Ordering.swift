internal import PrivataCore

/// `orderBy`: by the model's own fields, which the store sorts, or by related records, which are
/// sorted here.
struct Ordering: Sendable {
  /// The keys, where all of them are fields.
  var keys: [SortKey] = []
  /// The keys in full, where one of them goes through a relation.
  var paths: [Path] = []

  struct Path: Sendable {
    var links: [RelationLink]
    /// `nil` orders by the number of related records.
    var field: String?
    var isDescending: Bool
  }

  var needsRelations: Bool { paths.contains { !$0.links.isEmpty } }

  init(_ arguments: Arguments, _ schema: PrismaSchema) throws(PrivataError) {
    for document in try arguments.list("orderBy") {
      for element in document.elements where element.value != .undefined {
        try read(element.key, element.value, arguments.model, schema, through: [])
      }
    }
  }

  private mutating func read(
    _ name: String, _ value: Value, _ model: PrismaModel, _ schema: PrismaSchema,
    through links: [RelationLink]
  ) throws(PrivataError) {
    if let field = model.schema.field(name) {
      let (descending, nulls) = try Self.direction(value, field, model)
      paths.append(Path(links: links, field: name, isDescending: descending))
      if links.isEmpty { keys.append(SortKey(name, descending: descending, nulls: nulls)) }
    } else if let link = schema.link(name, of: model.name), case .document(let inner) = value {
      for element in inner.elements {
        if link.kind == .many {
          guard element.key == "_count" else { throw Self.unknown(element.key, model) }
          paths.append(
            Path(links: links + [link], field: nil, isDescending: element.value == "desc"))
        } else {
          let target = try schema.model(link.target)
          try read(element.key, element.value, target, schema, through: links + [link])
        }
      }
    } else {
      throw Self.unknown(name, model)
    }
  }

  private static func direction(
    _ value: Value, _ field: FieldSchema, _ model: PrismaModel
  ) throws(PrivataError) -> (Bool, SortKey.Nulls?) {
    let word = value.asString ?? value.asDocument?["sort"]?.asString
    guard let word, ["asc", "desc"].contains(word) else {
      throw .refused(
        "'\(field.name)' sorts 'asc' or 'desc'", model: model.name, fields: [field.name])
    }
    guard let nulls = value.asDocument?["nulls"]?.asString else { return (word == "desc", nil) }
    guard field.isOptional, ["first", "last"].contains(nulls) else {
      throw .refused(
        "'nulls' is 'first' or 'last', on optional fields", model: model.name, fields: [field.name])
    }
    return (word == "desc", nulls == "first" ? .first : .last)
  }

  private static func unknown(_ name: String, _ model: PrismaModel) -> PrivataError {
    .refused("\(model.name) cannot be ordered by '\(name)'", model: model.name, fields: [name])
  }
}
