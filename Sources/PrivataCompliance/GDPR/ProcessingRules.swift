internal import PrivataCore

/// What fields were collected for, and which of them are of a special category.
///
/// ```swift
/// var rules = ProcessingRules()
/// rules.limit("email", of: "Patient", to: ["care", "billing"])
/// rules.mark("diagnosis", of: "Patient", as: .health)
/// rules.secrecyRoles = ["clinician"]
/// options.processing = rules
/// ```
///
/// Under another purpose a field is left out of what is asked of the store; to name it, filter or
/// sort by it or change it is refused with `purposeDenied`. A field of a special category is refused
/// with `specialCategoryGround` to purposes without a ground. The vault's own service context may use
/// everything.
///
/// Source: GDPR Articles 5(1)(b) and (c), 9 and 10.
public struct ProcessingRules: Sendable, Hashable {
  /// What happens to a field that the model does not declare.
  public enum Undeclared: String, Sendable, Hashable {
    /// It is stored, as without rules.
    case keep
    /// The write is refused with `undeclaredField`, which names the path.
    case reject
    /// It is left out; the audit event names no value.
    case drop
  }

  private var limits: [String: [String: Set<String>]] = [:]
  private(set) var categories: [String: [String: SpecialCategory]] = [:]
  /// The roles under professional secrecy, for the ground ``SpecialGround/healthCare``.
  public var secrecyRoles: Set<String> = []
  /// The roles that may use data about criminal convictions.
  public var criminalRoles: Set<String> = []
  /// True takes every field of class `.phi` for health data.
  public var treatsClinicalAsHealth = false
  public var undeclared = Undeclared.keep

  /// Rules that limit nothing.
  public init() {}

  /// Declares what a field was collected for.
  public mutating func limit(_ field: String, of model: String, to purposes: Set<String>) {
    limits[model, default: [:]][field] = purposes
  }

  /// Declares that a field is of a special category.
  ///
  /// - Precondition: a criminal conviction names the authority; without it nobody may use the field.
  public mutating func mark(_ field: String, of model: String, as category: SpecialCategory) {
    categories[model, default: [:]][field] = category
  }

  /// What a field was collected for; `nil` where nothing is declared.
  public func purposes(of field: String, in model: String) -> Set<String>? {
    limits[model]?[field]
  }

  /// The category of a field; `nil` for none.
  func category(_ field: FieldSchema, _ model: String) -> SpecialCategory? {
    categories[model]?[field.name]
      ?? (treatsClinicalAsHealth && field.privacy == .phi ? .health : nil)
  }

  /// The fields of a model that were collected for other purposes.
  func denied(
    _ purpose: String?, _ model: ModelSchema, _ known: KnownRegisters
  ) -> Set<String> {
    guard let fields = limits[model.name] else { return [] }
    return Set(
      fields.filter { !known.allows(purpose ?? "", among: $0.value) }.map(\.key))
  }
}
