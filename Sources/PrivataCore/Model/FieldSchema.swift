/// One field of a model: its name, type, privacy class and constraints.
public struct FieldSchema: Sendable, Hashable {
  /// The key in documents and the name in queries.
  public var name: String
  /// The column in SQL stores; the name where nothing else is said.
  public var column: String
  /// What the field holds.
  public var type: FieldType
  /// False where a record without the field is refused by the store (`NOT NULL`).
  public var isOptional: Bool
  /// True where no two records may share a value.
  public var isUnique: Bool
  /// True where the store keeps an index on it.
  public var isIndexed: Bool
  /// True where the store makes the value (an identity or serial column).
  public var isGenerated: Bool
  /// Who or what the field tells about.
  public var privacy: Privacy
  /// Which half holds the field under a vault; `nil` follows from the privacy class.
  public var placement: Placement?
  /// The model that the field refers to, by name.
  public var reference: Reference?
  /// Values that the store accepts, for enumerations held as strings.
  public var allowed: [String]
  /// What the store fills in on insert where the row says nothing; styles fill their own defaults.
  public var storeDefault: Value?
  /// How a vault encrypts the field; `nil` for not at all.
  public var encryption: FieldEncryption?

  /// A field; everything but name and type has the usual default.
  public init(
    _ name: String, _ type: FieldType, column: String? = nil, isOptional: Bool = true,
    isUnique: Bool = false, isIndexed: Bool = false, isGenerated: Bool = false,
    privacy: Privacy = .open, placement: Placement? = nil, reference: Reference? = nil,
    allowed: [String] = [], storeDefault: Value? = nil, encryption: FieldEncryption? = nil
  ) {
    self.name = name
    self.column = column ?? name
    self.type = type
    self.isOptional = isOptional
    self.isUnique = isUnique
    self.isIndexed = isIndexed
    self.isGenerated = isGenerated
    self.privacy = privacy
    self.placement = placement
    self.reference = reference
    self.allowed = allowed
    self.storeDefault = storeDefault
    self.encryption = encryption
  }
}

/// The class of a field: who a person is, how their health is, or neither.
///
/// Source: GDPR Article 4(1) and 4(15); 45 CFR 160.103 (protected health information).
public enum Privacy: String, Sendable, Hashable, CaseIterable {
  /// Identifies, contacts, authenticates or finances a person: kept in the identity store.
  case pii
  /// Health or care content: kept in the clinical store.
  case phi
  /// Neither.
  case open
}

/// Which half of a separated record holds a field.
public enum Placement: String, Sendable, Hashable {
  case identity, clinical, both
}

/// A field that names a record of another model.
public struct Reference: Sendable, Hashable {
  /// What happens to a record whose reference goes away, in SQL's terms.
  public enum Action: String, Sendable, Hashable {
    case noAction, restrict, cascade, setNull, setDefault
  }

  /// The other model's name.
  public var model: String
  /// The other model's field; its primary key where `nil`.
  public var field: String?
  /// When the record that is named is deleted.
  public var onDelete: Action
  /// When the key of the record that is named changes.
  public var onUpdate: Action
  /// True where the store enforces the reference (a foreign key), false for Mongoose's `ref`.
  public var isEnforced: Bool

  /// A reference to a model.
  public init(
    _ model: String, field: String? = nil, onDelete: Action = .noAction,
    onUpdate: Action = .noAction, isEnforced: Bool = false
  ) {
    self.model = model
    self.field = field
    self.onDelete = onDelete
    self.onUpdate = onUpdate
    self.isEnforced = isEnforced
  }
}

/// An index over one or more fields.
public struct IndexSchema: Sendable, Hashable {
  /// One field of an index.
  public struct Part: Sendable, Hashable {
    /// The field's path.
    public var field: String
    /// True where the index runs from high to low.
    public var isDescending: Bool
    /// `text`, `2dsphere`, `hashed`; `nil` for an ordered index.
    public var kind: String?

    /// A part, ascending where nothing is said.
    public init(_ field: String, isDescending: Bool = false, kind: String? = nil) {
      self.field = field
      self.isDescending = isDescending
      self.kind = kind
    }
  }

  /// The index's name; the store makes one where `nil`.
  public var name: String?
  /// The fields, the most significant first.
  public var parts: [Part]
  /// True where no two records may share the fields' values.
  public var isUnique: Bool
  /// True leaves records without the fields out.
  public var isSparse: Bool
  /// Only records that match this MongoDB filter are in the index.
  public var partialFilter: Document?
  /// Records expire this many seconds after the date in the indexed field (MongoDB).
  public var expireAfterSeconds: Int?
  /// Compares texts by a language's rules (MongoDB's form).
  public var collation: Document?

  /// An index over these parts.
  public init(
    name: String? = nil, parts: [Part], isUnique: Bool = false, isSparse: Bool = false,
    partialFilter: Document? = nil, expireAfterSeconds: Int? = nil, collation: Document? = nil
  ) {
    self.name = name
    self.parts = parts
    self.isUnique = isUnique
    self.isSparse = isSparse
    self.partialFilter = partialFilter
    self.expireAfterSeconds = expireAfterSeconds
    self.collation = collation
  }
}
