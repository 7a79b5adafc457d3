/// A typed field of a model, the subject of typed filters, orderings and selections.
///
/// ```swift
/// User.fields.age >= 18          // Condition<User>
/// \User.Fields.email             // what `select: (\.email)` takes
/// ```
public struct Field<Root: Model, Value: FieldValue>: Sendable, Hashable {
  /// The name in documents and queries.
  public let name: String
  /// The position among the model's cells.
  public let position: Int

  /// The field of that name at that position of the schema.
  public init(_ name: String, at position: Int) {
    self.name = name
    self.position = position
  }
}

/// A condition on the records of one model: a ``Filter`` that knows its model.
///
/// ```swift
/// let adults: Condition<User> = \.role == "patient" && \.age >= 18
/// ```
///
/// Comparisons follow SQL: with a missing value they are neither true nor false.
public struct Condition<Root: Model>: Sendable, Hashable {
  /// What the stores run.
  public var filter: Filter

  /// A condition of this filter.
  public init(_ filter: Filter) { self.filter = filter }

  /// Every record, said on purpose: what deletes and updates of many take for "all of them".
  public static var all: Self { Self(.all) }

  /// Both hold.
  public static func && (a: Self, b: Self) -> Self { Self(.and([a.filter, b.filter])) }

  /// At least one holds.
  public static func || (a: Self, b: Self) -> Self { Self(.or([a.filter, b.filter])) }

  /// It does not hold.
  public static prefix func ! (a: Self) -> Self { Self(.not(a.filter)) }
}

extension Field {
  /// The field is one of the values.
  ///
  /// ```swift
  /// \.role.isIn(["patient", "clinician"])   // SQL: role = ANY($1)
  /// ```
  public func isIn(_ values: some Sequence<Value>) -> Condition<Root> {
    Condition(.isIn(name, values.map(\.value)))
  }

  /// The field is none of the values; false where it is missing.
  public func isNotIn(_ values: some Sequence<Value>) -> Condition<Root> {
    Condition(.isNotIn(name, values.map(\.value)))
  }

  /// The field is missing or null.
  public var isNull: Condition<Root> { Condition(.isNull(name)) }

  /// The field has a value.
  public var isNotNull: Condition<Root> { Condition(.isNotNull(name)) }
}

extension Field where Value: TextField {
  /// The text contains the given one, taken literally.
  public func contains(_ text: String, ignoringCase: Bool = false) -> Condition<Root> {
    Condition(.text(name, .contains, text, ignoringCase: ignoringCase))
  }

  /// The text begins with the given one, taken literally.
  public func startsWith(_ text: String, ignoringCase: Bool = false) -> Condition<Root> {
    Condition(.text(name, .startsWith, text, ignoringCase: ignoringCase))
  }

  /// The text ends with the given one, taken literally.
  public func endsWith(_ text: String, ignoringCase: Bool = false) -> Condition<Root> {
    Condition(.text(name, .endsWith, text, ignoringCase: ignoringCase))
  }
}

/// Field types that text conditions apply to: `String` and `String?`.
public protocol TextField: FieldValue {}
extension String: TextField {}
extension Optional: TextField where Wrapped: TextField {}
