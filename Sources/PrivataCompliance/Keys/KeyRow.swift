internal import PrivataCore

/// A row of the key store.
struct KeyRow: Sendable {
  let id: KeyID
  let slot: [UInt8]?
  let store: String
  let version: Int
  let epoch: KeyID?
  let wrapped: [UInt8]?
  let state: KeyState
  let seals: Int
  let region: String

  static let fields = [
    "_id", "slot", "store", "version", "epoch", "wrapped", "state", "seals", "region",
  ]

  init?(_ batch: RowBatch, _ row: Int) {
    let value = { batch.value(row: row, column: $0) }
    guard let id = KeyID(value(0)), let store = value(2)?.asString, let version = value(3)?.asInt,
      let state = value(6)?.asString.flatMap(KeyState.init(rawValue:))
    else { return nil }
    self.id = id
    slot = value(1)?.asBytes
    self.store = store
    self.version = version
    epoch = KeyID(value(4))
    wrapped = value(5)?.asBytes
    self.state = state
    seals = value(7)?.asInt ?? 0
    region = value(8)?.asString ?? ""
  }
}

extension Value {
  /// The bytes of a binary value.
  var asBytes: [UInt8]? {
    if case .binary(let binary) = self { binary.bytes } else { nil }
  }
}
