package import PrivataCore

/// How one model is divided between the two stores of a vault: computed once, then shared.
///
/// - A field of class `.pii` is in the identity half, one of class `.phi` in the clinical half.
/// - Open fields follow the identity half, unless their placement says otherwise or the model has
///   clinical fields only.
/// - A model without `.phi` has no clinical half, one without `.pii` no identity half.
/// - A field that refers to a record of the clinical store lives there, because an id of it beside
///   an identity would join the stores without the pseudonym.
/// - The identity half carries the pseudonym, the clinical half has it as its key.
package final class Separation: Sendable {
  /// The model as programs see it.
  package let model: ModelSchema
  package let shape: Shape
  /// The model as the identity store sees it, `nil` without an identity half.
  package let identity: ModelSchema?
  /// The model as the clinical store sees it, `nil` without a clinical half.
  package let clinical: ModelSchema?
  /// The identity half's field that holds the pseudonym, `nil` where nobody can be named by it.
  package let link: String?
  /// The clinical half's key, where the model has both halves.
  package let clinicalKey: String
  /// Fields of the clinical half that refer to a record with a pseudonym.
  package let references: [String: PersonReference]
  /// Fields of the clinical half that refer to a record of the identity store: no foreign key of a
  /// database can check them.
  package let foreign: Set<String>
  /// Where each field of the model lives, by its position.
  let placements: [Placement]
  /// The names of the fields in the UTF-8 of documents, by position.
  let keys: [[UInt8]]
  let keyBytes: KeyBytes
  /// The names of all fields.
  let fieldNames: [String]
  /// True for a model with fields of class `.pii` or `.phi`.
  let isPersonal: Bool
  /// True for a model with fields of class `.phi`.
  let hasHealth: Bool
  /// True where a field is encrypted.
  let isEncrypted: Bool
  /// True for the field `_id`, which stands first in documents.
  let isID: [Bool]
  /// What is known of the shapes of reads.
  let shapes = ReadShapes()
  /// A hash of the model's name, for caches.
  let nameHash: UInt64
  /// What references to its records in audit events begin with.
  let referencePrefix: [UInt8]
  /// The way in which other models refer to it.
  let ownReference: PersonReference

  package enum Shape: Sendable, Hashable {
    /// All in the identity store.
    case identityOnly
    /// All in the clinical store.
    case clinicalOnly
    /// Divided, joined by the pseudonym.
    case split
  }

  struct KeyBytes: Sendable {
    let link: [UInt8]
    let clinicalKey: [UInt8]
    let unlinked: [UInt8]
  }

  init(
    model: ModelSchema, shape: Shape, placements: [Placement],
    references: [String: PersonReference], foreign: Set<String>, names: PhysicalNames
  ) {
    self.model = model
    self.shape = shape
    self.placements = placements
    self.references = references
    self.foreign = foreign
    let carriesLink = shape == .split || model.fields.contains { $0.privacy == .pii }
    link = carriesLink ? names.link(in: model) : nil
    clinicalKey = names.clinicalKey(in: model)
    let physical = PhysicalModels(
      model: model, shape: shape, placements: placements, references: references,
      foreign: foreign, link: link, clinicalKey: clinicalKey, names: names)
    identity = physical.identity
    clinical = physical.clinical
    keys = model.fields.map { Array($0.name.utf8) }
    fieldNames = model.fields.map(\.name)
    isPersonal = model.fields.contains { $0.privacy != .open }
    hasHealth = model.fields.contains { $0.privacy == .phi }
    isEncrypted = model.fields.contains { $0.encryption != nil }
    isID = model.fields.map { $0.name == "_id" }
    nameHash = RecordPlace.hash(of: model.name)
    referencePrefix = RecordReferences.prefix(model.name)
    ownReference = PersonReference(target: model.name, field: model.key.name, isArray: false)
    keyBytes = KeyBytes(
      link: Array((link ?? "").utf8), clinicalKey: Array(clinicalKey.utf8),
      unlinked: Array(Separation.unlinked.utf8))
  }

  /// The field of the clinical half that marks rows kept after their person was erased.
  package static let unlinked = "_unlinked"
}

/// A field of a clinical half that refers to somebody: kept as their pseudonym.
package struct PersonReference: Sendable, Hashable {
  /// The model referred to, by name.
  package let target: String
  /// The field of that model by which programs refer; mostly its key.
  package let field: String
  package let isArray: Bool
}

extension Separation {
  /// Where a field lives; fields that the model does not name follow its open fields.
  func placement(of field: String) -> Placement {
    if let position = model.position(of: field) { return placements[position] }
    return shape == .clinicalOnly ? .clinical : .identity
  }

  /// The halves that a field needs.
  func halves(of field: String) -> Halves {
    switch placement(of: field) {
    case .identity: .identity
    case .clinical: .clinical
    case .both: []
    }
  }

  /// True where a half holds the field.
  func holds(_ field: String, in half: Half) -> Bool {
    switch placement(of: field) {
    case .identity: half == .identity
    case .clinical: half == .clinical
    case .both: true
    }
  }

  /// The names of the fields that a half holds, in the model's order.
  func fields(in half: Half) -> [String] {
    model.fields.map(\.name).filter { holds($0, in: half) }
  }

  /// The field's name without what follows the first dot.
  static func root(of path: String) -> String {
    guard let dot = path.utf8.firstIndex(of: 0x2E) else { return path }
    return String(path[..<dot])
  }
}
