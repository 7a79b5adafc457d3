/// The operand of `$type`: BSON types by number or name.
struct TypeSet: Sendable, Hashable {
  /// BSON's type numbers, the least key as -1.
  let numbers: Set<Int>

  /// The types that a value of the filter language names.
  init(_ value: Value, operator name: String = "$type") throws(PrivataError) {
    let named: [Value] = if case .array(let values) = value { values } else { [value] }
    guard !named.isEmpty else {
      throw .rejected(9, "\(name) must match at least one type")
    }
    var numbers: Set<Int> = []
    for value in named {
      switch value {
      case .string(let alias):
        guard let known = Self.aliases[alias] else {
          throw .rejected(2, "Unknown type name alias in \(name)")
        }
        numbers.formUnion(known)
      case let value where value.isNumber:
        guard let number = value.asInt, Self.all.contains(number) else {
          throw .rejected(2, "Invalid numerical type code in \(name)")
        }
        numbers.insert(number)
      default: throw .rejected(14, "type must be represented as a number or a string")
      }
    }
    self.numbers = numbers
  }

  /// The types of these names; unknown names are left out.
  init(aliases names: [String]) {
    numbers = names.reduce(into: []) { $0.formUnion(Self.aliases[$1] ?? []) }
  }

  /// True where the value is of one of the types.
  func contains(_ value: Value) -> Bool { numbers.contains(value.bsonTypeNumber) }

  static let aliases: [String: Set<Int>] = [
    "double": [1], "string": [2], "object": [3], "array": [4], "binData": [5], "undefined": [6],
    "objectId": [7], "bool": [8], "date": [9], "null": [10], "regex": [11], "dbPointer": [12],
    "javascript": [13], "symbol": [14], "javascriptWithScope": [15], "int": [16],
    "timestamp": [17], "long": [18], "decimal": [19], "minKey": [-1], "maxKey": [127],
    "number": [1, 16, 18, 19],
  ]

  private static let all = Set(aliases.values.joined())
}

extension Value {
  /// BSON's number of the value's type, -1 for the least key.
  package var bsonTypeNumber: Int {
    switch self {
    case .double: 1
    case .string: 2
    case .document: 3
    case .array: 4
    case .binary: 5
    case .undefined: 6
    case .objectID: 7
    case .bool: 8
    case .date: 9
    case .null: 10
    case .regex: 11
    case .dbPointer: 12
    case .code(_, scope: nil): 13
    case .symbol: 14
    case .code: 15
    case .int32: 16
    case .timestamp: 17
    case .int64: 18
    case .decimal: 19
    case .minKey: -1
    case .maxKey: 127
    }
  }

  /// The type's name, as `$type` writes it.
  package var bsonTypeName: String {
    switch self {
    case .double: "double"
    case .string: "string"
    case .document: "object"
    case .array: "array"
    case .binary: "binData"
    case .undefined: "undefined"
    case .objectID: "objectId"
    case .bool: "bool"
    case .date: "date"
    case .null: "null"
    case .regex: "regex"
    case .dbPointer: "dbPointer"
    case .code(_, scope: nil): "javascript"
    case .symbol: "symbol"
    case .code: "javascriptWithScope"
    case .int32: "int"
    case .timestamp: "timestamp"
    case .int64: "long"
    case .decimal: "decimal"
    case .minKey: "minKey"
    case .maxKey: "maxKey"
    }
  }
}
