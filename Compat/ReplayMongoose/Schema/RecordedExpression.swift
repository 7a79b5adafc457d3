import MongoStyle
import PrivataCore
import ReplayKit

/// The small expressions of virtuals and methods.
struct RecordedExpression {
  let json: JSON
  var arguments: [Value] = []

  func value(_ document: MongoDocument) throws -> Value { try value(json, document) }

  private func value(_ json: JSON, _ document: MongoDocument) throws -> Value {
    if let members = json.members, members.count == 1 {
      let member = members[0]
      switch member.key {
      case "path": return document.value(member.value.string ?? "")
      case "concat":
        let parts = try (member.value.elements ?? []).map { try value($0, document) }
        return .string(parts.map { RecordedExpression.text($0) }.joined())
      case "mul":
        var product = 1.0
        for part in member.value.elements ?? [] {
          product *= try value(part, document).asDouble ?? .nan
        }
        return .number(product)
      case "length":
        switch try value(member.value, document) {
        case .array(let items): return .int(items.count)
        case .string(let text): return .int(text.utf16.count)
        default: return .undefined
        }
      default: break
      }
    }
    return try ArgumentReader(arguments: arguments).value(json)
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .null, .undefined: ""
    case .string(let text): text
    case .int32(let number): "\(number)"
    case .int64(let number): "\(number)"
    case .double(let number):
      number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
    case .bool(let flag): "\(flag)"
    case .objectID(let id): "\(id)"
    default: ""
    }
  }
}
