internal import PrivataCore

/// The names that a vault adds to those of the models.
struct PhysicalNames: Sendable, Hashable {
  /// What the clinical half's collection has after the model's own name; empty where the two halves
  /// have a store each.
  var clinicalSuffix: String
  /// True where the clinical store's key field has to be `_id`.
  var usesIDKey: Bool

  /// The field of the identity half that holds the pseudonym.
  func link(in model: ModelSchema) -> String {
    model.position(of: "pseudonym") == nil ? "pseudonym" : "privata_pseudonym"
  }

  /// The key of the clinical half.
  func clinicalKey(in model: ModelSchema) -> String { usesIDKey ? "_id" : link(in: model) }
}
