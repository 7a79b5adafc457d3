internal import PrivataCore

/// Makes the references by which audit events name records.
struct RecordReferences: Sendable {
  let hash: SipHash

  /// The reference to the record of a model with this key.
  func reference(to key: Value, of model: String?) -> RecordReference {
    var bytes = prefix(model ?? "")
    BSONWriter.append(element: key.lookupKey, to: &bytes)
    return RecordReference(hash.of(bytes.span))
  }

  /// The reference to a record whose key comes as BSON: its type byte and its bytes.
  func reference(type: UInt8, key: ArraySlice<UInt8>, _ prefix: [UInt8]) -> RecordReference {
    var bytes = prefix
    bytes.append(type)
    bytes.append(contentsOf: key)
    return RecordReference(hash.of(bytes.span))
  }

  /// What stands before the key: the model's name behind its length.
  func prefix(_ model: String) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    writer.append(text: model)
    return writer.bytes
  }
}
