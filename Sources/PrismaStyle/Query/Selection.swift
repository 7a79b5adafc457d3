internal import PrivataCore

/// What a call answers: scalar fields, related records with their own selections, and counts.
struct Selection: Sendable {
  var fields: [String]
  var related: [(link: RelationLink, arguments: Document)]
  var counts: [(link: RelationLink, filter: Document)]

  static let words: Set<String> = ["select", "include", "omit"]

  init(_ arguments: Arguments, _ schema: PrismaSchema) throws(PrivataError) {
    let model = arguments.model
    let scalars = model.schema.fields.map(\.name)
    fields = scalars
    related = []
    counts = []
    if arguments["select"] != nil, arguments["include"] != nil || arguments["omit"] != nil {
      throw .refused("'select' goes with neither 'include' nor 'omit'", model: model.name)
    }
    if arguments["select"] != nil {
      fields = []
      try read(try arguments.document("select"), model, schema, takesScalars: true)
      if fields.isEmpty && related.isEmpty && counts.isEmpty {
        throw .refused("'select' chooses nothing", model: model.name, fields: ["select"])
      }
    } else {
      try read(try arguments.document("include"), model, schema, takesScalars: false)
      let omitted = try arguments.document("omit")
      for element in omitted.elements where model.schema.field(element.key) == nil {
        throw .refused(
          "\(model.name) has no field '\(element.key)'", model: model.name, fields: [element.key])
      }
      fields.removeAll { omitted[$0] == true }
    }
  }

  private mutating func read(
    _ document: Document, _ model: PrismaModel, _ schema: PrismaSchema, takesScalars: Bool
  ) throws(PrivataError) {
    for element in document.elements where element.value != .undefined && element.value != false {
      if element.key == "_count" {
        try readCounts(element.value, model, schema)
      } else if let link = schema.link(element.key, of: model.name) {
        related.append((link, element.value.asDocument ?? [:]))
      } else if takesScalars, model.schema.field(element.key) != nil {
        fields.append(element.key)
      } else {
        throw .refused(
          "\(model.name) has no \(takesScalars ? "field" : "relation") '\(element.key)'",
          model: model.name, fields: [element.key])
      }
    }
  }

  private mutating func readCounts(
    _ value: Value, _ model: PrismaModel, _ schema: PrismaSchema
  ) throws(PrivataError) {
    if value == true {
      counts = model.relations.filter { $0.kind == .many }
        .compactMap { schema.link($0.name, of: model.name) }.map { ($0, [:]) }
      return
    }
    for element in value.asDocument?["select"]?.asDocument?.elements ?? []
    where element.value != false {
      guard let link = schema.link(element.key, of: model.name), link.kind == .many else {
        throw .refused(
          "\(model.name) has no to-many relation '\(element.key)'", model: model.name,
          fields: [element.key])
      }
      counts.append((link, element.value.asDocument?["where"]?.asDocument ?? [:]))
    }
  }

  /// The fields to fetch: the chosen ones and those that relations are found by.
  func fetched(_ model: PrismaModel) -> [String] {
    let keys = related.map(\.link.localField) + counts.map(\.link.localField)
    let wanted = Set(fields + keys + model.schema.primaryKey.map { model.schema.fields[$0].name })
    return model.schema.fields.map(\.name).filter { wanted.contains($0) }
  }
}
