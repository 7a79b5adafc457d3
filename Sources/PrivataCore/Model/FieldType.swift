/// The type of a field, as stores need it to choose a column type and a decoding.
public indirect enum FieldType: Sendable, Hashable {
  case bool, int32, int64, double
  /// JavaScript's number: int32 where integral and within 32 bits, else double. In SQL a double
  /// column (SQLite: a column without affinity).
  case number
  /// Exact decimal; precision and scale apply where the store has them.
  case decimal(precision: Int? = nil, scale: Int? = nil)
  case string
  /// Text of a bounded length, where the store enforces it.
  case varchar(Int)
  case date
  case objectID, uuid, binary
  /// An embedded document, BSON in SQL stores.
  case document
  /// JSON kept as the store's JSON type (`jsonb`, text in SQLite), a document in MongoDB.
  case json
  case array(FieldType)
  /// Any value: BSON in SQL stores.
  case any

  /// True where a SQL store keeps the value in a column of its own; false where an open model keeps
  /// it in the BSON of `_rest`.
  public var isScalar: Bool {
    switch self {
    case .document, .json, .array, .any: false
    default: true
    }
  }
}
