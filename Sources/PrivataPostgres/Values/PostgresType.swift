internal import PrivataCore

/// A type by the number that the server knows it by.
///
/// Source: PostgreSQL's catalog `pg_type`; the numbers below are fixed for good.
struct PostgresType: Sendable, Hashable {
  let oid: UInt32

  init(_ oid: UInt32) { self.oid = oid }

  static let unspecified = PostgresType(0)
  static let bool = PostgresType(16)
  static let bytea = PostgresType(17)
  static let char = PostgresType(18)
  static let name = PostgresType(19)
  static let int8 = PostgresType(20)
  static let int2 = PostgresType(21)
  static let int4 = PostgresType(23)
  static let text = PostgresType(25)
  static let oid = PostgresType(26)
  static let json = PostgresType(114)
  static let float4 = PostgresType(700)
  static let float8 = PostgresType(701)
  static let unknown = PostgresType(705)
  static let bpchar = PostgresType(1042)
  static let varchar = PostgresType(1043)
  static let date = PostgresType(1082)
  static let timestamp = PostgresType(1114)
  static let timestamptz = PostgresType(1184)
  static let numeric = PostgresType(1700)
  static let void = PostgresType(2278)
  static let uuid = PostgresType(2950)
  static let jsonb = PostgresType(3802)
}

extension PostgresType {
  /// How the bytes of a type are read and written.
  enum Form: Sendable, Hashable {
    case bool, int2, int4, int8, oid, float4, float8, numeric, text, bytea, uuid, timestamp, date
    case json, jsonb
    indirect case array(of: PostgresType)
    /// A type that we only know as the text that the server makes of it.
    case other
  }

  /// The form of a type that every server has; `other` for the rest.
  var form: Form {
    switch self {
    case .int4: .int4
    case .text, .varchar, .bpchar, .name, .char, .unknown: .text
    case .int8: .int8
    case .bool: .bool
    case .bytea: .bytea
    case .float8: .float8
    case .timestamptz, .timestamp: .timestamp
    case .uuid: .uuid
    case .int2: .int2
    case .oid: .oid
    case .float4: .float4
    case .numeric: .numeric
    case .date: .date
    case .json: .json
    case .jsonb: .jsonb
    case .void: .text
    default: Self.elements[oid].map { .array(of: $0) } ?? .other
    }
  }

  /// The elements of the array types.
  private static let elements: [UInt32: PostgresType] = [
    1000: .bool, 1001: .bytea, 1002: .char, 1003: .name, 1005: .int2, 1007: .int4, 1009: .text,
    1014: .bpchar, 1015: .varchar, 1016: .int8, 1021: .float4, 1022: .float8, 1028: .oid,
    1115: .timestamp, 1182: .date, 1185: .timestamptz, 1231: .numeric, 199: .json, 2951: .uuid,
    3807: .jsonb,
  ]

  private static let arrays = Dictionary(
    uniqueKeysWithValues: elements.map { ($0.value, PostgresType($0.key)) })

  /// The array type of these elements, `unspecified` where there is none that every server has.
  var array: PostgresType { Self.arrays[self] ?? .unspecified }

  /// The type that a parameter of a field's type is sent as. Text leaves it to the server, which
  /// finds enumerations and the like by itself.
  init(parameter type: FieldType) {
    switch type {
    case .bool: self = .bool
    case .int32: self = .int4
    case .int64: self = .int8
    case .double, .number: self = .float8
    case .decimal: self = .numeric
    case .string, .varchar: self = .unspecified
    case .date: self = .timestamptz
    case .objectID, .binary, .document, .any: self = .bytea
    case .uuid: self = .uuid
    case .json: self = .jsonb
    case .array(let element):
      let element = PostgresType(parameter: element)
      self = element == .unspecified ? PostgresType.text.array : element.array
    }
  }
}
