internal import PrivataCore

/// A field of a half that is encrypted.
struct SealedField: Sendable {
  let name: String
  /// The names to which its ciphertext is bound.
  let modelID: String
  let fieldID: String
  let type: FieldType
  let padding: Int
  /// The field that holds its tag; `nil` without an index.
  let tag: String?
  /// The field that holds its tag under the next key while the key is exchanged.
  let nextTag: String?
  let bits: Int
  let normalisation: [FieldEncryption.Normalisation]
}

/// How the rows of one half are encrypted: computed once, then shared.
final class SealingPlan: Sendable {
  /// The half as the vault sees it.
  let logical: ModelSchema
  /// The half as the store sees it: ciphertexts, tags, and what names the record.
  let physical: ModelSchema
  let half: Half
  let fields: [SealedField]
  let byName: [String: SealedField]
  /// The field that says whose key seals the record: their pseudonym. `nil` takes the store's key.
  let subject: String?
  /// The field to which ciphertexts are bound.
  let record: String
  /// True where the vault adds that field, because the store makes the record's own key.
  let addsRecord: Bool
  /// The fields that programs do not see.
  let hidden: Set<String>
  /// The names of the half's fields, as the vault sees them.
  let names: [String]

  /// What is known of the shapes of reads.
  let shapes = SealedShapes()

  static let recordName = "_record"

  /// The plan of a half; `nil` where nothing of it is encrypted.
  ///
  /// - Throws: `badArgument` for an encryption that cannot be.
  init?(_ half: Half, of separation: Separation) throws(PrivataError) {
    guard let model = half == .identity ? separation.identity : separation.clinical,
      model.fields.contains(where: { $0.encryption != nil })
    else { return nil }
    let rules = SealingRules(model: model, separation: separation)
    try rules.check()
    logical = model
    self.half = half
    fields = model.fields.compactMap { SealedField($0, model: separation.model.name) }
    byName = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
    (subject, record) = rules.binding(half)
    addsRecord = record == Self.recordName
    physical = rules.physical(fields, addsRecord: addsRecord)
    var hidden = Set(fields.compactMap(\.tag) + fields.compactMap(\.nextTag))
    if addsRecord { hidden.insert(Self.recordName) }
    self.hidden = hidden
    names = model.fields.map(\.name)
  }

  /// The fields that decide how a row is sealed: its record, and whose key; mostly one and the same.
  var binding: [String] {
    guard let subject, subject != record else { return [record] }
    return [record, subject]
  }

  /// The field of a path's first part, where it is encrypted.
  func sealed(_ path: String) -> SealedField? { byName[Separation.root(of: path)] }
}

extension SealedField {
  /// All fields that hold tags of it.
  var tags: [String] { [tag, nextTag].compactMap { $0 } }

  /// `nil` for a field that is not encrypted.
  init?(_ field: FieldSchema, model: String) {
    guard let encryption = field.encryption else { return nil }
    let parts = (encryption.stableID ?? "").split(separator: ".", maxSplits: 1).map(String.init)
    modelID = parts.count == 2 ? parts[0] : model
    fieldID = parts.count == 2 ? parts[1] : encryption.stableID ?? field.name
    name = field.name
    type = field.type
    padding = encryption.padding
    tag = encryption.index.map { _ in field.name + "__tag" }
    nextTag = encryption.index.map { _ in field.name + "__tag2" }
    bits = encryption.index?.bits ?? 0
    normalisation = encryption.normalisation
  }
}

/// Checks and makes what a plan consists of.
struct SealingRules {
  let model: ModelSchema
  let separation: Separation

  /// Whose key, and which record: a half with pseudonyms is bound to them, because they are known
  /// before a store makes a key.
  func binding(_ half: Half) -> (subject: String?, record: String) {
    if half == .identity, let link = separation.link { return (link, link) }
    if half == .clinical, separation.shape == .split {
      return (separation.clinicalKey, separation.clinicalKey)
    }
    let reference = model.fields.first { separation.references[$0.name]?.isArray == false }
    let isOwn = model.primaryKey.count == 1 && !model.key.isGenerated
    return (reference?.name, isOwn ? model.key.name : SealingPlan.recordName)
  }

  /// The half as the store sees it.
  func physical(_ sealed: [SealedField], addsRecord: Bool) -> ModelSchema {
    let byName = Dictionary(uniqueKeysWithValues: sealed.map { ($0.name, $0) })
    var fields = model.fields.map { field in
      byName[field.name] == nil
        ? field
        : FieldSchema(
          field.name, .binary, column: field.column, isOptional: field.isOptional,
          privacy: field.privacy, placement: field.placement)
    }
    for field in model.fields {
      guard let tag = byName[field.name]?.tag else { continue }
      fields.append(
        FieldSchema(
          tag, .binary, column: field.column + "__tag", isUnique: field.isUnique,
          isIndexed: !field.isUnique))
      // Absent but for the time in which the key of the tags is exchanged.
      fields.append(
        FieldSchema(
          tag + "2", .binary, column: field.column + "__tag2"))
    }
    if addsRecord {
      fields.append(FieldSchema(SealingPlan.recordName, .uuid, isOptional: false, isUnique: true))
    }
    let indexes = model.indexes.map { $0.tagged(byName, \.tag) } + next(byName)
    return ModelSchema(
      name: model.name, collection: model.collection, namespace: model.namespace, fields: fields,
      primaryKey: model.primaryKey.map { model.fields[$0].name }, indexes: indexes,
      isOpen: model.isOpen)
  }

  /// The indexes over the tags under the next key: they leave out records without one.
  private func next(_ byName: [String: SealedField]) -> [IndexSchema] {
    var indexes: [IndexSchema] = []
    for field in model.fields {
      guard let tag = byName[field.name]?.nextTag else { continue }
      indexes.append(IndexSchema(parts: [.init(tag)], isUnique: field.isUnique, isSparse: true))
    }
    return indexes
  }

  // MARK: - Checks

  func check() throws(PrivataError) {
    for (position, field) in model.fields.enumerated() {
      guard let encryption = field.encryption else { continue }
      if let problem = problem(field, encryption, position) {
        throw PrivataError(
          .badArgument, "\(model.name).\(field.name) cannot be encrypted \(problem)",
          fields: [field.name], model: model.name)
      }
    }
  }

  private func problem(
    _ field: FieldSchema, _ encryption: FieldEncryption, _ position: Int
  ) -> String? {
    if model.primaryKey.contains(position) { return "because it is the key of the record" }
    if field.reference != nil || separation.references[field.name] != nil {
      return "because it refers to a record: the reference is a pseudonym where it needs to be"
    }
    if field.isGenerated { return "because the store makes its value" }
    if field.storeDefault != nil {
      return "because the store fills in its default, in the clear: give the default in the style"
    }
    if model.position(of: field.name + "__tag") != nil {
      return "because the model has a field \(field.name)__tag, the name of its index"
    }
    if let index = encryption.index { return problem(field, index) }
    if field.isUnique { return "and unique without an index: use .encrypted(index: .equality)" }
    return indexProblem(field)
  }

  private func problem(_ field: FieldSchema, _ index: FieldEncryption.Index) -> String? {
    if !index.isWellSized, let values = index.distinctValues {
      return "with an index of \(index.bits) bits over \(values) values: too short or too long"
    }
    if field.isUnique, index.bits < 128 { return "and unique with an index of under 128 bits" }
    switch field.type {
    case .bool: return "with an index: two values are told apart by counting their tags"
    case .document, .json, .array, .any, .double, .decimal:
      return "with an index, which takes texts, integers, dates and ids"
    default: break
    }
    if !field.allowed.isEmpty, field.allowed.count < 16 {
      return "with an index: so few values are told apart by counting their tags"
    }
    return indexProblem(field)
  }

  private func indexProblem(_ field: FieldSchema) -> String? {
    for index in model.indexes {
      for part in index.parts where Separation.root(of: part.field) == field.name {
        if part.kind != nil || part.field != field.name || field.encryption?.index == nil {
          return "and be part of an index over its values: use .encrypted(index: .equality)"
        }
      }
      let isFiltered = index.partialFilter?.keys.contains { Separation.root(of: $0) == field.name }
      if isFiltered == true { return "and be the condition of an index" }
    }
    return nil
  }
}

extension IndexSchema {
  /// The index over tags in place of values.
  fileprivate func tagged(
    _ sealed: [String: SealedField], _ tag: (SealedField) -> String?
  ) -> IndexSchema {
    var index = self
    index.parts = parts.map { part in
      sealed[part.field].flatMap(tag).map { .init($0, isDescending: part.isDescending) } ?? part
    }
    return index
  }
}
