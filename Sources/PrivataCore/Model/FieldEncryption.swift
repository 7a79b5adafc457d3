/// How a vault encrypts a field before a store sees it: with a key of the record's person, bound to
/// model, field and record.
///
/// ```swift
/// FieldSchema("note", .string, privacy: .phi, encryption: .encrypted)
/// FieldSchema("email", .string, isUnique: true, privacy: .pii, encryption: .encrypted(index: .equality))
/// ```
///
/// A plain connection ignores it. An encrypted field cannot be sorted by, compared with less or
/// greater, or searched by text; with an index it can be found by equality.
public struct FieldEncryption: Sendable, Hashable {
  /// By what an encrypted field can be found: keyed tags beside the ciphertext.
  public struct Index: Sendable, Hashable {
    /// The length of a tag. Fewer bits than 128 make values share tags, so that who sees the column
    /// cannot count values; what was found too much is left out after decryption.
    public let bits: Int
    /// How many different values the field has, where somebody said so; then the length is checked.
    public let distinctValues: Int?

    private init(bits: Int, distinctValues: Int? = nil) {
      self.bits = bits
      self.distinctValues = distinctValues
    }

    /// Equality by tags of 128 bits, which no two values share.
    public static let equality = Index(bits: 128)

    /// Equality by shorter tags, of 1 to 128 bits.
    public static func equality(bits: Int) -> Index { Index(bits: min(max(bits, 1), 128)) }

    /// Equality by tags of a length that is checked against the number of different values: more of
    /// them than there are tags, so that each tag stands for two or more, and fewer than square.
    ///
    /// ```swift
    /// .equality(bits: 12, among: 100_000)   // 9 to 15 bits are right for so many
    /// ```
    public static func equality(bits: Int, among values: Int) -> Index {
      Index(bits: min(max(bits, 1), 128), distinctValues: max(values, 0))
    }

    /// Equality by the longest tags that let each stand for two or more of so many values.
    public static func equality(among values: Int) -> Index {
      var bits = 1
      while bits < 62, 1 << (bits + 1) < values / 2 { bits += 1 }
      return equality(bits: bits, among: values)
    }

    /// False for a length that tells values apart by counting, or finds too many.
    package var isWellSized: Bool {
      guard let distinctValues else { return true }
      guard distinctValues >= 16, bits < 62 else { return false }
      let tags = 1 << bits
      return tags * tags > distinctValues && tags < distinctValues / 2
    }
  }

  /// What counts as the same value in an index; what is stored stays as it was given.
  public enum Normalisation: String, Sendable, Hashable {
    /// Without white space at both ends.
    case trim
    /// Without regard to case, by Unicode's own mapping, which knows no language.
    case lowercase
    /// Digits and a leading plus only; a leading `00` is a plus.
    case phone
  }

  /// By what the field can be found; `nil` for nothing.
  public var index: Index?
  /// What counts as the same value in the index.
  public var normalisation: [Normalisation]
  /// Texts are filled up to a multiple of that many bytes, so that the length tells less.
  public var padding: Int
  /// The name under which the field is bound to its ciphertext: `User.email` where nothing is said.
  /// Give the old one when a model or a field is renamed.
  public var stableID: String?

  /// An encryption with these properties.
  public init(
    index: Index? = nil, normalisation: [Normalisation] = [], padding: Int = 16,
    stableID: String? = nil
  ) {
    self.index = index
    self.normalisation = normalisation
    self.padding = max(padding, 1)
    self.stableID = stableID
  }

  /// Encrypted, and found by nothing.
  public static let encrypted = FieldEncryption()

  /// Encrypted, and found by equality.
  public static func encrypted(
    index: Index, normalising normalisation: [Normalisation] = []
  ) -> FieldEncryption {
    FieldEncryption(index: index, normalisation: normalisation)
  }
}
