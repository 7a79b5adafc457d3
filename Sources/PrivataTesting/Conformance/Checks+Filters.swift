internal import PrivataCore

extension StoreConformance {
  static let filterChecks: [Check] = filterGroups.map { name, filters in
    Check("filter: \(name)") { context in try await compare(filters, context) }
  }

  /// Compares what a store finds with what the document engine finds.
  private static func compare(_ filters: [Document], _ context: ConformanceContext) async throws {
    let model = context.person
    try await context.prepare([model])
    try await context.insert(ConformanceContext.people, into: model)
    try await context.differences { differences in
      for filter in filters {
        let matcher = try DocumentMatcher(filter)
        var wanted: [Value] = []
        for person in ConformanceContext.people where try matcher.matches(person) {
          wanted.append(person["_id"] ?? .null)
        }
        let text = ConformanceContext.text(filter)
        do {
          let found = try await context.find(
            model, .document(filter), projection: .document(["_id": 1]))
          let ids = found.map { $0["_id"] ?? .null }
          if ids != wanted {
            differences.append(
              "\(text): found \(ConformanceContext.text(ids)), wanted \(ConformanceContext.text(wanted))"
            )
          }
          let count = try await context.count(model, .document(filter))
          if count != wanted.count {
            differences.append("\(text): counted \(count), not \(wanted.count)")
          }
        } catch {
          differences.append("\(text): \(error)")
        }
      }
    }
  }

  private static let filterGroups: [(String, [Document])] = [
    ("equality", equality), ("order", ordering), ("lists", lists), ("elements", elements),
    ("arrays", arrays), ("paths", paths), ("logic", logic), ("text", texts), ("types", types),
    ("expressions", expressions),
  ]

  private static let fields = [
    "name", "age", "small", "big", "ratio", "price", "active", "born", "clinic", "uid", "blob",
    "tags", "scores", "address", "visits", "meta", "extra", "count",
  ]

  /// Values as they occur in the fixture, and near ones.
  private static let operands: [Value] = [
    .null, "Ada", "ada", "", "vip", 36, .int64(36), .double(36), 36.5, 0, .double(-0.0), 1, 3, 5,
    90,
    .int64(9_007_199_254_740_993), .double(.nan), .double(.infinity), true, false,
    ConformanceContext.decimal("10.5"), ConformanceContext.decimal("3"),
    ConformanceContext.date("1988-12-10T00:00:00.000Z"),
    ConformanceContext.date("1969-12-31T23:59:59.999Z"), .objectID(ConformanceContext.id(1)),
    .binary(ConformanceContext.uuid(1)), .binary(Binary([1, 2, 3])), [], ["beta"], ["vip", "beta"],
    [:], ["city": "Helsinki"], ["city": .null], ["k": 1, "l": [1, 2]],
  ]

  private static let equality: [Document] =
    fields.flatMap { field in
      operands.flatMap { value -> [Document] in
        [
          Document([.init(key: field, value: ["$eq": value])]),
          Document([.init(key: field, value: ["$ne": value])]),
        ]
      }
    }

  private static let ordering: [Document] =
    fields.flatMap { field in
      operands.flatMap { value in
        ["$gt", "$gte", "$lt", "$lte"].map { name in
          Document([.init(key: field, value: .document([name: value]))])
        }
      }
    }

  private static let lists: [Document] =
    fields.flatMap { field -> [Document] in
      let sets: [Value] = [
        [], [.null], ["Ada", "ada", .null], [36, "vip", true], [.double(36), 0],
        [["vip", "beta"], []],
        [.regex(RegularExpression("^a", options: "i")), 5], [ConformanceContext.decimal("10.50")],
        [.objectID(ConformanceContext.id(1)), .objectID(ConformanceContext.id(2))],
      ]
      return sets.flatMap { set -> [Document] in
        [
          Document([.init(key: field, value: ["$in": set])]),
          Document([.init(key: field, value: ["$nin": set])]),
        ]
      }
    }

  private static let elements: [Document] =
    fields.flatMap { field -> [Document] in
      var conditions: [Value] = [
        ["$exists": true], ["$exists": false], ["$exists": .null], ["$exists": 1],
      ]
      conditions += TypeSetNames.all.map { ["$type": .string($0)] }
      conditions += [["$type": [1, 16, "string"]], ["$not": ["$type": "null"]]]
      return conditions.map { Document([.init(key: field, value: $0)]) }
    }

  private static let arrays: [Document] = [
    ["tags": ["$size": 0]], ["tags": ["$size": 2]], ["tags": ["$all": ["vip"]]],
    ["tags": ["$all": ["vip", "beta"]]], ["tags": ["$all": []]],
    ["tags": ["$all": [["vip", "beta"]]]],
    ["tags": ["$elemMatch": ["$gt": "b", "$lt": "w"]]], ["tags": ["$elemMatch": ["$eq": .null]]],
    ["tags": ["$not": ["$elemMatch": ["$eq": "vip"]]]],
    ["scores": ["$elemMatch": ["$gt": 80, "$lt": 90]]],
    ["scores": ["$gt": 80, "$lt": 90]], ["scores": ["$elemMatch": ["$elemMatch": ["$gt": 50]]]],
    ["visits": ["$elemMatch": ["at": 1, "cost": 10.5]]],
    ["visits": ["$elemMatch": ["at": 2, "cost": 10.5]]],
    ["visits.at": 1], ["visits.at": 2, "visits.cost": 10.5], ["visits.0.at": 1], ["visits.1.at": 2],
    ["visits.at.0": 1], ["visits": ["$size": 2]], ["visits.cost": .null],
    ["visits.at": ["$exists": false]],
    ["list": ["$elemMatch": ["k": "a", "v": ["$gte": 2]]]], ["list.k": "a", "list.v": 2],
    ["list": ["$all": [["$elemMatch": ["k": "a"]], ["$elemMatch": ["v": 2]]]]], ["meta.1": "a"],
    ["meta": ["$all": [1, .null]]], ["tags.0": "vip"], ["tags.1": ["$exists": true]],
    ["tags.5": .null],
    ["meta": ["$elemMatch": ["$or": [["a": 1]]]]], ["list": ["$elemMatch": ["$nor": [["k": "a"]]]]],
  ]

  private static let paths: [Document] = [
    ["address.city": "London"], ["address.city": .null], ["address.city": ["$ne": .null]],
    ["address.city": ["$exists": true]], ["address.geo.lat": ["$gt": 60]], ["address.geo": .null],
    ["address": ["city": "Helsinki", "geo": ["lat": 60.17, "lon": 24.94]]],
    ["address": ["geo": ["lat": 60.17, "lon": 24.94], "city": "Helsinki"]],
    ["extra.deep.er": 2], ["extra.deep.er.1": 2], ["extra.deep": .null], ["name.first": .null],
    ["name.first": ["$exists": false]], ["meta.k": 1], ["meta.l": [1, 2]], ["meta.l.1": 2],
    ["address.": .null], ["unknown": .null], ["unknown.deep": ["$ne": 1]],
  ]

  private static let logic: [Document] = [
    [:], ["$and": [["age": 36], ["name": "Ada"]]],
    ["$or": [["age": 29], ["name": "Ada"], ["unknown": 1]]],
    ["$nor": [["age": 36], ["name": .null]]], ["age": ["$not": ["$gt": 30]]],
    ["age": ["$not": ["$gt": 30, "$lt": 40]]], ["name": ["$not": .regex(RegularExpression("^A"))]],
    ["$and": [["$or": [["age": 36], ["age": 45]]], ["$nor": [["active": false]]]]],
    ["age": ["$gt": 20, "$lt": 40, "$ne": 29]], ["active": true, "age": ["$gte": 29]],
    ["$or": [["tags": "vip"], ["$and": [["active": false], ["age": ["$lt": 10]]]]]],
    ["_id": ["$in": [1, 3, 5, 99]]], ["_id": ["$gt": 3, "$lte": 6]], ["_id": ["$nin": [1, 2, 3]]],
    ["$comment": "why", "age": 36], ["age": ["$in": [36], "$nin": [.int64(36)]]],
    ["$and": [["age": ["$mod": [12, 0]]], ["age": ["$ne": 0]]]], ["age": ["$mod": [7, 1]]],
    ["age": ["$mod": [-7, 0]]], ["small": ["$bitsAllSet": 1]], ["small": ["$bitsAllClear": [1]]],
    ["age": ["$bitsAnySet": 6]], ["big": ["$bitsAnyClear": 1]],
    ["blob": ["$bitsAllSet": .binary(Binary([1]))]],
  ]

  private static let texts: [Document] = [
    ["name": .regex(RegularExpression("^ad", options: "i"))],
    ["name": .regex(RegularExpression("a$"))],
    ["name": ["$regex": "lovelace", "$options": "i"]],
    ["name": ["$regex": "^Countess", "$options": "m"]],
    ["name": ["$regex": "Ada.*Countess"]], ["name": ["$regex": "Ada.*Countess", "$options": "s"]],
    ["name": ["$regex": "a d a", "$options": "xi"]], ["name": ["$regex": "\\\\"]],
    ["name": ["$regex": "[%_]"]], ["name": ["$regex": "^$"]], ["name": ["$regex": "ë"]],
    ["name": ["$regex": "^.{3}$"]], ["name": ["$regex": "ZOË", "$options": "i"]],
    ["tags": .regex(RegularExpression("^V", options: "i"))],
    ["email": ["$regex": "(?i)@example\\.org$"]],
    ["name": ["$not": ["$regex": "a"]]],
    ["name": ["$in": [.regex(RegularExpression("^G")), "Linus"]]],
    ["meta": .regex(RegularExpression("^a", options: "i"))], ["name": "zero\u{0}byte"],
    ["name": ["$regex": "\\bLovelace\\b"]], ["name": ["$regex": "(?<!O')Brien"]],
    ["name": ["$gt": "Z"]],
    ["name": ["$gte": "Ada", "$lt": "B"]], ["email": ["$lt": "g"]],
  ]

  private static let types: [Document] =
    operands.map { Document([.init(key: "meta", value: ["$gte": $0])]) }
    + operands.map { Document([.init(key: "age", value: ["$not": ["$lte": $0]])]) }
    + [
      ["meta": .minKey], ["meta": ["$gt": .minKey]], ["meta": ["$lt": .maxKey]],
      ["meta": .timestamp(Timestamp(seconds: 5, increment: 1))],
      ["meta": .binary(Binary([0, 255], subtype: 128))],
      [
        "$jsonSchema": [
          "required": ["name", "age"], "properties": ["age": ["bsonType": "int", "minimum": 30]],
        ]
      ],
    ]

  private static let expressions: [Document] = [
    ["$expr": ["$gt": ["$age", 30]]], ["$expr": ["$eq": ["$big", "$small"]]],
    ["$expr": ["$and": [["$gte": ["$age", 29]], ["$lt": ["$age", 40]]]]],
    ["$expr": ["$eq": [["$add": ["$small", 35]], "$age"]]],
    ["$expr": ["$gt": ["$count", "$extra"]]],
    ["age": ["$lt": 40], "$expr": ["$ne": ["$name", "Ada"]]],
    ["$expr": ["$cond": ["$active", ["$gt": ["$age", 30]], false]]],
  ]
}

/// The names of BSON's types in filters.
enum TypeSetNames {
  static let all = [
    "double", "string", "object", "array", "binData", "objectId", "bool", "date", "null", "regex",
    "int", "timestamp", "long", "decimal", "number", "undefined", "minKey",
  ]
}
