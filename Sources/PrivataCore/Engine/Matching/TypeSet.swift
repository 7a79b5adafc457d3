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
  func contains(_ value: Value) -> Bool { numbers.contains(value.typeNumber) }

  static let aliases: [String: Set<Int>] = [
    "double": [1], "string": [2], "object": [3], "array": [4], "binData": [5], "undefined": [6],
    "objectId": [7], "bool": [8], "date": [9], "null": [10], "regex": [11], "dbPointer": [12],
    "javascript": [13], "symbol": [14], "javascriptWithScope": [15], "int": [16],
    "timestamp": [17], "long": [18], "decimal": [19], "minKey": [-1], "maxKey": [127],
    "number": [1, 16, 18, 19],
  ]

  private static let all = Set(aliases.values.joined())
}
