public import PrivataCore

/// All models of a client, their relations resolved.
///
/// ```swift
/// let schema = try PrismaSchema([user, session])
/// let db = try await PrismaClient.connect(.sqlite("clinic.db"), schema)
/// ```
public struct PrismaSchema: Sendable {
  private let models: [String: PrismaModel]
  private let links: [String: [String: RelationLink]]
  /// What the client keeps in the store: the models, and the tables of many-to-many relations.
  public let tables: [ModelSchema]

  /// A schema of these models.
  ///
  /// - Throws: `unknownModel` or `unknownField` where a relation names something that is not there.
  public init(_ models: [PrismaModel]) throws(PrivataError) {
    var byName = Dictionary(models.map { ($0.name, $0) }) { first, _ in first }
    for model in models {
      let schema = try Self.enforced(model)
      byName[model.name]?.schema = schema
    }
    var links: [String: [String: RelationLink]] = [:]
    var joins: [String: ModelSchema] = [:]
    for model in models {
      for relation in model.relations {
        let link = try Self.link(relation, of: model, byName)
        links[model.name, default: [:]][relation.name] = link
        if let join = link.join { joins[join.schema.name] = join.schema }
      }
    }
    self.models = byName
    self.links = links
    let modelled = models.compactMap { byName[$0.name]?.schema }
    tables = modelled + joins.keys.sorted().compactMap { joins[$0] }
  }

  /// The model of that name.
  func model(_ name: String) throws(PrivataError) -> PrismaModel {
    guard let model = models[name] else {
      throw PrivataError(.unknownModel, "the schema has no model '\(name)'", model: name)
    }
    return model
  }

  /// The relation of that name of a model, `nil` where the name is none of its relations.
  func link(_ relation: String, of model: String) -> RelationLink? { links[model]?[relation] }

  /// The relations of other models whose key names a record of this model.
  func holders(of model: String) -> [(holder: PrismaModel, link: RelationLink)] {
    models.values.flatMap { holder in
      (links[holder.name] ?? [:]).values
        .filter { $0.target == model && $0.holdsKey }
        .map { (holder, $0) }
    }.sorted { ($0.holder.name, $0.link.name) < ($1.holder.name, $1.link.name) }
  }

  /// The many-to-many relations of a model.
  func joins(of model: String) -> [RelationLink] {
    (links[model] ?? [:]).values.filter { $0.join != nil }.sorted { $0.name < $1.name }
  }
}

// MARK: - Resolving relations

extension PrismaSchema {
  /// The model's schema with foreign keys for the relations whose key it holds.
  private static func enforced(
    _ model: PrismaModel
  ) throws(PrivataError) -> ModelSchema {
    var fields = model.schema.fields
    for relation in model.relations {
      guard let field = relation.field else { continue }
      guard let position = model.schema.position(of: field) else {
        throw PrivataError(
          .unknownField, "relation '\(relation.name)' names no field of \(model.name)",
          fields: [field], model: model.name)
      }
      fields[position].reference = Reference(
        relation.model, field: relation.references, onDelete: relation.onDelete,
        onUpdate: .cascade, isEnforced: true)
    }
    let uniques = model.uniques.map { unique in
      IndexSchema(parts: unique.fields.map { .init($0) }, isUnique: true)
    }
    return ModelSchema(
      name: model.schema.name, collection: model.schema.collection,
      namespace: model.schema.namespace, fields: fields,
      primaryKey: model.schema.primaryKey.map { model.schema.fields[$0].name },
      indexes: model.schema.indexes + uniques)
  }

  private static func link(
    _ relation: PrismaRelation, of model: PrismaModel, _ models: [String: PrismaModel]
  ) throws(PrivataError) -> RelationLink {
    guard let target = models[relation.model] else {
      throw PrivataError(
        .unknownModel, "relation '\(relation.name)' of \(model.name) names no model",
        fields: [relation.name], model: relation.model)
    }
    if let field = relation.field {
      return RelationLink(
        name: relation.name, kind: .one, target: target.name, localField: field,
        remoteField: relation.references ?? target.schema.key.name, holdsKey: true,
        isRequired: model.schema.field(field)?.isOptional == false, onDelete: relation.onDelete)
    }
    let backs = target.relations.filter { back in
      back.model == model.name && back.label == relation.label
        && (target.name != model.name || back.name != relation.name)
    }
    if let back = backs.first(where: { $0.field != nil }), let field = back.field {
      return RelationLink(
        name: relation.name, kind: relation.kind, target: target.name,
        localField: back.references ?? model.schema.key.name, remoteField: field, holdsKey: false,
        isRequired: target.schema.field(field)?.isOptional == false, onDelete: back.onDelete)
    }
    guard relation.kind == .many, backs.contains(where: { $0.kind == .many }) else {
      throw PrivataError(
        .unknownField, "relation '\(relation.name)' of \(model.name) has no other side",
        fields: [relation.name], model: model.name)
    }
    return manyToMany(relation, model, target)
  }

  private static func manyToMany(
    _ relation: PrismaRelation, _ model: PrismaModel, _ target: PrismaModel
  ) -> RelationLink {
    let sides = [model, target].sorted { $0.name < $1.name }
    let name = relation.label.map { "_\($0)" } ?? "_\(sides[0].name)To\(sides[1].name)"
    let columns = zip(["A", "B"], sides).map { column, side in
      FieldSchema(
        column, side.schema.key.type, isOptional: false,
        reference: Reference(
          side.name, field: side.schema.key.name, onDelete: .cascade, onUpdate: .cascade,
          isEnforced: true))
    }
    let own = model.name <= target.name ? "A" : "B"
    return RelationLink(
      name: relation.name, kind: .many, target: target.name, localField: model.schema.key.name,
      remoteField: target.schema.key.name, holdsKey: false, isRequired: false, onDelete: .cascade,
      join: .init(
        schema: ModelSchema(
          name: name, collection: name, fields: columns, primaryKey: ["A", "B"]),
        own: own, other: own == "A" ? "B" : "A"))
  }
}
