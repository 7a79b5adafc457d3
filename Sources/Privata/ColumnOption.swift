public import PrivataCore

/// An option of `@Column`, read by `@Model` from the source.
public struct ColumnOption: Sendable {
  private init() {}

  /// Part of the primary key.
  public static let primaryKey = ColumnOption()
  /// No two records have the same value.
  public static let unique = ColumnOption()
  /// Looked up often.
  public static let indexed = ColumnOption()
  /// The store makes the value.
  public static let generated = ColumnOption()
  /// Kept in the clinical half under a vault, though it is neither PII nor PHI.
  public static let clinical = ColumnOption()
  /// Kept in both halves under a vault.
  public static let both = ColumnOption()

  /// A foreign key that SQL stores enforce.
  public static func references(
    _ model: String, field: String? = nil, onDelete: Reference.Action = .noAction,
    onUpdate: Reference.Action = .noAction
  ) -> ColumnOption { ColumnOption() }

  /// A reference that no store enforces: Mongoose's `ref`.
  public static func refers(_ model: String, field: String? = nil) -> ColumnOption {
    ColumnOption()
  }

  /// Another field type than the Swift type's own.
  public static func kept(as type: FieldType) -> ColumnOption { ColumnOption() }

  /// The strings that the store accepts.
  public static func allowed(_ values: String...) -> ColumnOption { ColumnOption() }

  /// What the store fills in where a new record says nothing.
  public static func storeDefault(_ value: Value) -> ColumnOption { ColumnOption() }

  /// Encrypted by a vault with a key of the record's person.
  public static let encrypted = ColumnOption()

  /// Encrypted by a vault, and found by equality.
  public static func encrypted(
    index: FieldEncryption.Index, normalising: [FieldEncryption.Normalisation] = []
  ) -> ColumnOption { ColumnOption() }
}
