/// The field type that a Swift type is kept as where the model says nothing else.
public protocol StoredFieldValue: FieldValue {
  /// The type of the column or document field.
  static var fieldType: FieldType { get }
  /// True for `Optional`.
  static var isOptional: Bool { get }
}

extension StoredFieldValue {
  /// False: a plain type always has a value.
  public static var isOptional: Bool { false }
}

extension Bool: StoredFieldValue { public static var fieldType: FieldType { .bool } }
extension Int32: StoredFieldValue { public static var fieldType: FieldType { .int32 } }
extension Int64: StoredFieldValue { public static var fieldType: FieldType { .int64 } }
extension Int: StoredFieldValue { public static var fieldType: FieldType { .int64 } }
extension Double: StoredFieldValue { public static var fieldType: FieldType { .double } }
extension String: StoredFieldValue { public static var fieldType: FieldType { .string } }
extension DateTime: StoredFieldValue { public static var fieldType: FieldType { .date } }
extension ObjectID: StoredFieldValue { public static var fieldType: FieldType { .objectID } }
extension Decimal128: StoredFieldValue { public static var fieldType: FieldType { .decimal() } }
extension Binary: StoredFieldValue { public static var fieldType: FieldType { .binary } }
extension Document: StoredFieldValue { public static var fieldType: FieldType { .document } }
extension Value: StoredFieldValue { public static var fieldType: FieldType { .any } }

extension Optional: StoredFieldValue where Wrapped: StoredFieldValue {
  public static var fieldType: FieldType { Wrapped.fieldType }
  public static var isOptional: Bool { true }
}

extension Array: StoredFieldValue where Element: StoredFieldValue {
  public static var fieldType: FieldType { .array(Element.fieldType) }
}

extension StoredFieldValue where Self: RawRepresentable, RawValue: StoredFieldValue {
  /// The type of the raw value.
  public static var fieldType: FieldType { RawValue.fieldType }
}

extension FieldSchema {
  /// The schema of a field kept as its Swift type: what `@Model` writes.
  ///
  /// ```swift
  /// FieldSchema("email", as: String.self, privacy: .pii, isUnique: true)
  /// ```
  public init(
    _ name: String, as type: (some StoredFieldValue).Type, column: String? = nil,
    privacy: Privacy = .open, isUnique: Bool = false, isIndexed: Bool = false,
    isGenerated: Bool = false, placement: Placement? = nil, reference: Reference? = nil,
    kept fieldType: FieldType? = nil, allowed: [String] = [], storeDefault: Value? = nil,
    encryption: FieldEncryption? = nil
  ) {
    self.init(
      name, fieldType ?? type.fieldType, column: column, isOptional: type.isOptional,
      isUnique: isUnique, isIndexed: isIndexed, isGenerated: isGenerated, privacy: privacy,
      placement: placement, reference: reference, allowed: allowed, storeDefault: storeDefault,
      encryption: encryption)
  }
}
