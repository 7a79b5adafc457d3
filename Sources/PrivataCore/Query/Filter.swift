/// Which records a query means: a plain value, built by the styles and run by the drivers.
///
/// The comparisons follow SQL: a comparison with a missing field or `null` is neither true nor false,
/// and `not` of it neither. ``document(_:)`` holds MongoDB's own language and follows MongoDB's rules
/// (arrays match by their elements, `null` matches a missing field) on every store.
public indirect enum Filter: Sendable, Hashable {
  case all
  case none
  /// MongoDB's filter language, already cast to the schema's types.
  case document(Document)
  case compare(String, Comparison, Value)
  case compareFields(String, Comparison, String)
  case isIn(String, [Value])
  case isNotIn(String, [Value])
  case isNull(String)
  case isNotNull(String)
  case text(String, TextMatch, String, ignoringCase: Bool)
  case list(String, ListMatch, [Value])
  case and([Filter])
  case or([Filter])
  case not(Filter)

  /// The comparisons of one field with one value, with their SQL signs.
  public enum Comparison: String, Sendable, Hashable {
    case equal = "=", notEqual = "<>", less = "<", lessOrEqual = "<=", greater = ">",
      greaterOrEqual = ">="
  }

  /// `like` takes SQL's pattern; the others take the text literally.
  public enum TextMatch: Sendable, Hashable { case contains, startsWith, endsWith, like }

  /// Conditions on a scalar list.
  public enum ListMatch: Sendable, Hashable { case hasEvery, hasSome, isEmpty, isNotEmpty, equals }
}
