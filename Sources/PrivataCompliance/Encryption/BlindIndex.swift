internal import Crypto
internal import PrivataCore

/// The tags by which the encrypted fields of a model are found: a keyed hash of the value, with a key
/// of its own for each field.
struct BlindIndex: Sendable {
  private let keys: [String: SymmetricKey]
  /// Which of a field's two tags it is.
  let column: TagColumn

  /// The tags of a model's fields; `root` is the key from which those of the fields are derived.
  init(_ plan: SealingPlan, root: DataKey, column: TagColumn = .first) {
    self.column = column
    var keys: [String: SymmetricKey] = [:]
    for field in plan.fields where field.tag != nil { keys[field.name] = root.indexKey(field) }
    self.keys = keys
  }

  /// The field that holds the tag of a field.
  func name(_ field: SealedField) -> String? { column == .first ? field.tag : field.nextTag }

  /// The tag of a value; null stays null.
  ///
  /// - Throws: `wrongType` for what equality cannot be asked of: lists, documents, decimals.
  func tag(_ value: Value, _ field: SealedField) throws(PrivataError) -> Value {
    if value.isNull { return .null }
    guard let key = keys[field.name] else { return .null }
    var element: [UInt8] = []
    BSONWriter.append(element: try canonical(value, field), to: &element)
    let code = Array(HMAC<SHA256>.authenticationCode(for: element, using: key))
    var tag = Array(code.prefix((field.bits + 7) / 8))
    if !field.bits.isMultiple(of: 8) { tag[tag.count - 1] &= 0xFF << UInt8(8 - field.bits % 8) }
    return .binary(Binary(tag))
  }

  /// The value in the form under which equal values meet.
  func canonical(_ value: Value, _ field: SealedField) throws(PrivataError) -> Value {
    switch value {
    case .string(let text): return .string(Normaliser.apply(field.normalisation, to: text))
    case .int32, .int64, .double:
      let key = value.lookupKey
      if case .double(let number) = key, number.isNaN { return .double(.nan) }
      return key
    case .date, .objectID, .binary, .bool: return value
    default:
      throw PrivataError(
        .wrongType,
        "\(field.modelID).\(field.name) is encrypted with an index, which takes single values",
        fields: [field.name], model: field.modelID)
    }
  }
}

/// One of the two places of a field's tag: the second is used while the key is exchanged.
enum TagColumn: Sendable, Hashable { case first, second }

/// Brings texts to the form under which an index takes them for the same.
enum Normaliser {
  static func apply(_ rules: [FieldEncryption.Normalisation], to text: String) -> String {
    rules.reduce(text) { text, rule in
      switch rule {
      case .trim: trimmed(text)
      case .lowercase: text.lowercased()
      case .phone: phone(text)
      }
    }
  }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0.isWhitespace }
    guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...end])
  }

  private static func phone(_ text: String) -> String {
    let digits = text.filter { $0.isASCII && $0.isNumber }
    if text.drop(while: \.isWhitespace).first == "+" { return "+" + digits }
    return digits.hasPrefix("00") ? "+" + digits.dropFirst(2) : digits
  }
}
