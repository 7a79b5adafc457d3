internal import PrivataCore

extension ConformanceContext {
  /// A document model as MongoStyle makes one: a field of every kind, unknown ones allowed.
  var person: ModelSchema {
    ModelSchema(
      name: "Person", collection: name + "_people",
      fields: [
        FieldSchema("_id", .any), FieldSchema("name", .string), FieldSchema("email", .string),
        FieldSchema("age", .number), FieldSchema("small", .int32), FieldSchema("big", .int64),
        FieldSchema("ratio", .double), FieldSchema("price", .decimal()),
        FieldSchema("active", .bool), FieldSchema("born", .date), FieldSchema("clinic", .objectID),
        FieldSchema("uid", .uuid), FieldSchema("blob", .binary),
        FieldSchema("tags", .array(.string)), FieldSchema("scores", .array(.number)),
        FieldSchema("address", .document), FieldSchema("visits", .array(.document)),
        FieldSchema("meta", .any),
      ], isOpen: true)
  }

  /// A document model with object ids and a unique field, as most are.
  var account: ModelSchema {
    ModelSchema(
      name: "Account", collection: name + "_accounts",
      fields: [
        FieldSchema("_id", .objectID, isOptional: false),
        FieldSchema("email", .string, isUnique: true), FieldSchema("owner", .string),
        FieldSchema("region", .string), FieldSchema("balance", .number),
      ],
      indexes: [
        IndexSchema(
          parts: [.init("owner"), .init("region", isDescending: true)], isUnique: true,
          isSparse: true)
      ], isOpen: true)
  }

  /// A typed model: columns and nothing else.
  var item: ModelSchema {
    ModelSchema(
      name: "Item", collection: name + "_items",
      fields: [
        FieldSchema("id", .int64, isOptional: false),
        FieldSchema("label", .string, isOptional: false),
        FieldSchema("code", .string, column: "item_code", isUnique: true),
        FieldSchema("small", .int32), FieldSchema("ratio", .double),
        FieldSchema("price", .decimal()),
        FieldSchema("active", .bool), FieldSchema("at", .date), FieldSchema("oid", .objectID),
        FieldSchema("uid", .uuid), FieldSchema("blob", .binary),
        FieldSchema("tags", .array(.string)), FieldSchema("body", .document),
      ], primaryKey: ["id"])
  }

  static func id(_ number: Int) -> ObjectID {
    ObjectID(high: 0x60A0_0000_0000_0000, low: UInt32(number))
  }

  static func uuid(_ byte: UInt8) -> Binary {
    Binary(Array(repeating: byte, count: 16), subtype: 4)
  }

  static func decimal(_ text: String) -> Value { Decimal128(text).map(Value.decimal) ?? .null }

  static func date(_ text: String) -> Value { DateTime(iso8601: text).map(Value.date) ?? .null }

  /// Twelve people whose fields are there, null, missing, and of other types than usual.
  static let people: [Document] = [
    [
      "_id": 1, "name": "Ada", "email": "ada@example.org", "age": 36, "small": 1, "big": .int64(5),
      "ratio": 1.5, "price": decimal("10.50"), "active": true,
      "born": date("1988-12-10T00:00:00.000Z"), "clinic": .objectID(id(1)),
      "uid": .binary(uuid(1)), "blob": .binary(Binary([1, 2, 3])), "tags": ["vip", "beta"],
      "scores": [90, 85, 77], "address": ["street": "High St 1", "city": "London"],
      "visits": [["at": 1, "cost": 10.5], ["at": 2, "cost": 20.0]], "meta": "text",
    ],
    [
      "_id": 2, "name": "Grace", "email": "grace@example.org", "age": 45, "small": -3,
      "big": .int64(9_007_199_254_740_993), "ratio": -0.5, "price": decimal("99.99"),
      "active": false, "born": date("1979-01-09T23:59:59.999Z"), "clinic": .objectID(id(2)),
      "tags": [], "scores": [], "address": ["city": "New York", "zip": "10001"], "visits": [],
      "meta": 5,
    ],
    [
      "_id": 3, "name": "Linus", "age": 29, "active": true, "tags": ["beta"], "scores": [50],
      "address": ["city": "Helsinki", "geo": ["lat": 60.17, "lon": 24.94]],
      "visits": [["at": 3]], "meta": ["k": 1, "l": [1, 2]],
    ],
    [
      "_id": 4, "name": .null, "email": .null, "age": .null, "active": .null, "born": .null,
      "tags": .null, "address": .null, "meta": .null, "clinic": .null, "visits": .null,
    ],
    ["_id": 5],
    [
      "_id": 6, "name": 42, "age": "thirty", "active": "yes", "born": "1990", "ratio": "x",
      "tags": "vip", "scores": 90, "address": "London", "visits": ["at": 1],
      "meta": [1, "a", .null],
    ],
    [
      "_id": 7, "name": "ada", "age": .double(36.5), "small": 1, "ratio": .double(.nan),
      "tags": ["VIP", "gamma", "vip"], "scores": [[90, 1], 85], "address": ["city": .null],
      "visits": [["at": 2, "cost": .null], ["at": [1, 2]]], "meta": true,
    ],
    [
      "_id": 8, "name": "Zoë", "age": .int64(36), "big": .int64(-1), "ratio": .double(.infinity),
      "price": decimal("10.5"), "born": date("1969-12-31T23:59:59.999Z"), "tags": ["été", "vip"],
      "scores": [77, 90], "address": ["city": "Zürich", "street": ""],
      "meta": .regex(RegularExpression("^a", options: "i")),
    ],
    [
      "_id": 9, "name": "", "email": "upper@EXAMPLE.org", "age": 0, "small": 0, "ratio": 0.0,
      "active": false, "tags": [.null, "x"], "scores": [.null], "address": Value.document([:]),
      "visits": [.null, ["at": .null]], "meta": .objectID(id(9)),
    ],
    [
      "_id": 10, "name": "Ada Lovelace\nCountess", "age": .double(1e10), "ratio": .double(-0.0),
      "price": decimal("-1E+3"), "tags": ["a.b", "$dollar"], "extra": ["deep": ["er": [1, 2, 3]]],
      "count": 3, "meta": date("2024-02-29T12:00:00.000Z"),
    ],
    [
      "_id": 11, "name": "O'Brien \"quoted\" \\ % _", "age": 36, "extra": 5, "count": .double(3.0),
      "big": .double(5), "small": .int64(1), "meta": .binary(Binary([0, 255], subtype: 128)),
      "list": [["k": "a", "v": 1], ["k": "b", "v": 2]],
    ],
    [
      "_id": 12, "name": "zero\u{0}byte", "age": -7, "born": date("0001-01-01T00:00:00.000Z"),
      "price": decimal("NaN"), "count": decimal("3.0"),
      "list": [["k": "a", "v": 2], ["k": "b", "v": 1]],
      "meta": .timestamp(Timestamp(seconds: 5, increment: 1)), "extra": .null,
    ],
  ]
}
