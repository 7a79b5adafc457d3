internal import PrivataCore

/// The two models that stores see in place of one.
struct PhysicalModels {
  let identity: ModelSchema?
  let clinical: ModelSchema?

  init(
    model: ModelSchema, shape: Separation.Shape, placements: [Placement],
    references: [String: PersonReference], foreign: Set<String>, link: String?,
    clinicalKey: String, names: PhysicalNames
  ) {
    let maker = Maker(
      model: model, placements: placements, references: references, foreign: foreign)
    switch shape {
    case .identityOnly:
      identity = link.map { maker.identity(link: $0) } ?? model
      clinical = nil
    case .clinicalOnly:
      identity = nil
      clinical = references.isEmpty && foreign.isEmpty ? model : maker.clinicalOnly()
    case .split:
      identity = maker.identity(link: link ?? "pseudonym")
      clinical = maker.clinical(key: clinicalKey, suffix: names.clinicalSuffix)
    }
  }

  private struct Maker {
    let model: ModelSchema
    let placements: [Placement]
    let references: [String: PersonReference]
    let foreign: Set<String>

    func fields(_ half: Placement) -> [FieldSchema] {
      zip(model.fields, placements).filter { $0.1 == half || $0.1 == .both }.map { field, _ in
        half == .clinical ? translated(field) : field
      }
    }

    /// A reference to a person is text in the clinical store, and no foreign key can check it.
    func translated(_ field: FieldSchema) -> FieldSchema {
      var field = field
      if foreign.contains(field.name) { field.reference?.isEnforced = false }
      guard let reference = references[field.name] else { return field }
      field.type = reference.isArray ? .array(.string) : .string
      field.reference = nil
      return field
    }

    func identity(link: String) -> ModelSchema {
      let pseudonym = FieldSchema(link, .string, isOptional: false, isUnique: true)
      let fields = fields(.identity) + [pseudonym]
      return ModelSchema(
        name: model.name, collection: model.collection, namespace: model.namespace,
        fields: fields, primaryKey: model.primaryKey.map { model.fields[$0].name },
        indexes: indexes(over: fields), isOpen: model.isOpen)
    }

    func clinical(key: String, suffix: String) -> ModelSchema {
      let key = FieldSchema(key, .string, isOptional: false)
      let unlinked = FieldSchema(Separation.unlinked, .bool)
      let fields = fields(.clinical)
      return ModelSchema(
        name: model.name, collection: model.collection + suffix, namespace: model.namespace,
        fields: [key] + fields + [unlinked], primaryKey: [key.name],
        indexes: indexes(over: fields), isOpen: model.isOpen)
    }

    func clinicalOnly() -> ModelSchema {
      ModelSchema(
        name: model.name, collection: model.collection, namespace: model.namespace,
        fields: fields(.clinical), primaryKey: model.primaryKey.map { model.fields[$0].name },
        indexes: model.indexes, isOpen: model.isOpen)
    }

    /// The indexes whose fields are all in one half; others can serve no query of it.
    func indexes(over fields: [FieldSchema]) -> [IndexSchema] {
      let names = Set(fields.map(\.name))
      return model.indexes.filter { index in
        index.parts.allSatisfy { names.contains(Separation.root(of: $0.field)) }
      }
    }
  }
}
