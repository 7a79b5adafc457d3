internal import PrivataCore

/// What a ciphertext is bound to, so that it opens nowhere else: each part as tag, length and bytes.
struct AssociatedData: Sendable {
  private(set) var bytes: [UInt8] = []

  private enum Part: UInt8 {
    case format = 1, region, store, model, field, record, key
  }

  private mutating func append(_ part: Part, _ value: some Collection<UInt8>) {
    bytes.append(part.rawValue)
    for shift in stride(from: 24, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: value.count >> shift))
    }
    bytes.append(contentsOf: value)
  }

  /// The binding of one value of a record.
  static func value(
    _ field: SealedField, record: Value, key: KeyID, region: String, half: Half
  ) -> [UInt8] {
    place(of: field, region: region, half: half) + owner(record, key: key)
  }

  /// What the values of a field have in common in their bindings, which begin with it.
  static func place(of field: SealedField, region: String, half: Half) -> [UInt8] {
    var data = AssociatedData()
    data.append(.format, "pv1/value".utf8)
    data.append(.region, region.utf8)
    data.append(.store, half.rawValue.utf8)
    data.append(.model, field.modelID.utf8)
    data.append(.field, field.fieldID.utf8)
    return data.bytes
  }

  /// What the values of a record under one key have in common, which ends their bindings.
  static func owner(_ record: Value, key: KeyID) -> [UInt8] {
    var data = AssociatedData()
    var element: [UInt8] = []
    BSONWriter.append(element: record.lookupKey, to: &element)
    data.append(.record, element)
    data.append(.key, key.bytes)
    return data.bytes
  }

  /// The binding of a wrapped key.
  static func key(_ key: KeyID, region: String, store: String, version: Int) -> [UInt8] {
    var data = AssociatedData()
    data.append(.format, "pv1/key".utf8)
    data.append(.region, region.utf8)
    data.append(.store, store.utf8)
    data.append(.field, String(version).utf8)
    data.append(.key, key.bytes)
    return data.bytes
  }

  /// What a key is derived for: a use, a model and a field.
  static func use(_ use: String, _ model: String, _ field: String) -> [UInt8] {
    var data = AssociatedData()
    data.append(.format, use.utf8)
    data.append(.model, model.utf8)
    data.append(.field, field.utf8)
    return data.bytes
  }
}
