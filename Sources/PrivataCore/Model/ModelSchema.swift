/// A model as a store sees it: where its records live, their fields in order, keys and indexes.
///
/// Immutable and shared by reference, so that drivers can key compiled plans by identity.
///
/// ```swift
/// let user = ModelSchema(
///   name: "User", collection: "users",
///   fields: [.init("_id", .objectID), .init("email", .string, privacy: .pii), .init("age", .int32)])
/// ```
public final class ModelSchema: Sendable {
  /// The model's name, as programs say it: `User`.
  public let name: String
  /// The table or collection: `users`.
  public let collection: String
  /// The namespace of the collection where there is one: a Postgres schema.
  public let namespace: String?
  /// The fields in their order; the position of a field is its index in a ``RowBatch`` of all fields.
  public let fields: [FieldSchema]
  /// Positions of the fields that make up the primary key.
  public let primaryKey: [Int]
  /// Indexes beside the primary key and the fields' own `isUnique` and `isIndexed`.
  public let indexes: [IndexSchema]
  /// True where records may hold fields that the schema does not name (a document model). SQL stores
  /// then keep a column `_rest` with the BSON of whatever no column holds.
  public let isOpen: Bool

  /// The names of the fields, in their order.
  public let fieldNames: [String]

  /// Positions of the fields that take only some values.
  package let restricted: [Int]

  private let positions: [String: Int]
  private let uniques: [Bool]

  /// A model of these fields. Without `primaryKey` the field named `_id`, else `id`, else the first.
  public init(
    name: String, collection: String, namespace: String? = nil, fields: [FieldSchema],
    primaryKey: [String] = [], indexes: [IndexSchema] = [], isOpen: Bool = false
  ) {
    self.name = name
    self.collection = collection
    self.namespace = namespace
    self.fields = fields
    fieldNames = fields.map(\.name)
    self.indexes = indexes
    self.isOpen = isOpen
    var positions: [String: Int] = [:]
    for (position, field) in fields.enumerated() { positions[field.name] = position }
    self.positions = positions
    let named = primaryKey.compactMap { positions[$0] }
    let usual = [positions["_id"] ?? positions["id"] ?? 0]
    let key = named.isEmpty ? usual : named
    self.primaryKey = key
    restricted = fields.indices.filter { !fields[$0].allowed.isEmpty }
    uniques = fields.enumerated().map { $1.isUnique || key == [$0] }
  }

  /// The position of a field by its name, `nil` for an unknown one.
  public func position(of field: String) -> Int? { positions[field] }

  /// The field of that name, `nil` for an unknown one.
  public func field(_ name: String) -> FieldSchema? { positions[name].map { fields[$0] } }

  /// True for a field whose value no two records share: by its own word, or as the whole key.
  public func isUnique(at position: Int) -> Bool { uniques[position] }

  /// The single field of the primary key; the first one where there are several.
  public var key: FieldSchema { fields[primaryKey[0]] }
}

extension ModelSchema: Hashable {
  public static func == (a: ModelSchema, b: ModelSchema) -> Bool { a === b }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
