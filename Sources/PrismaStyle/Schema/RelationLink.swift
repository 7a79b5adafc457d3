internal import PrivataCore

/// A relation with both its ends known: how a record finds its related ones.
struct RelationLink: Sendable {
  var name: String
  var kind: PrismaRelation.Kind
  /// The model on the other side.
  var target: String
  /// The field of this side that takes part.
  var localField: String
  /// The field of the other side that takes part.
  var remoteField: String
  /// True where `localField` is the key that names the other record.
  var holdsKey: Bool
  /// True where the record that holds the key cannot be without it.
  var isRequired: Bool
  var onDelete: Reference.Action
  /// The table between the two sides of a many-to-many relation.
  var join: Join?

  struct Join: Sendable {
    var schema: ModelSchema
    /// The column that names this side's record.
    var own: String
    /// The column that names the other side's.
    var other: String
  }
}
