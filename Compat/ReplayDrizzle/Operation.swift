import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

/// A recorded call of an operator or function.
struct Operation {
  private let scope: Scope
  private let name: String
  private let arguments: [JSON]

  init(scope: Scope, _ parts: [JSON]) {
    self.scope = scope
    name = parts.first?.string ?? ""
    arguments = Array(parts.dropFirst())
  }

  func node() throws -> Scope.Node {
    switch name {
    case "and": return optional(and(try conditions()))
    case "or": return .sql(or(try conditions()))
    case "not": return .sql(not(try left().sql))
    case "count": return .sql(arguments.isEmpty ? count() : count(try left()))
    case "rowId": return .sql(SQL.rowID)
    default: return .sql(try fragment())
    }
  }

  private func optional(_ fragment: SQL?) -> Scope.Node { fragment.map { .sql($0) } ?? .undefined }

  private func conditions() throws -> [SQL?] { try arguments.map { try scope.condition($0) } }

  private func fragment() throws -> SQL {
    switch name {
    case "eq", "ne", "gt", "gte", "lt", "lte": try comparison()
    case "inArray", "notInArray": try membership()
    case "between": between(try left(), try operand(1), try operand(2))
    case "notBetween": notBetween(try left(), try operand(1), try operand(2))
    case "isNull": isNull(try left())
    case "isNotNull": isNotNull(try left())
    case "like": like(try left(), try operand(1))
    case "notLike": notLike(try left(), try operand(1))
    case "ilike": ilike(try left(), try operand(1))
    case "notIlike": notIlike(try left(), try operand(1))
    case "exists": exists(try query(0))
    case "notExists": notExists(try query(0))
    case "arrayContains", "arrayContained", "arrayOverlaps": try arrays()
    case "asc": asc(try left())
    case "desc": desc(try left())
    case "concat": concat(try left(), try operand(1))
    case "substring":
      substring(
        try left(), from: arguments[1]["from"]?.int, for: arguments[1]["for"]?.int)
    default: try aggregate()
    }
  }

  private func comparison() throws -> SQL {
    let left = try left()
    let right = try operand(1)
    return switch name {
    case "eq": eq(left, right)
    case "ne": ne(left, right)
    case "gt": gt(left, right)
    case "gte": gte(left, right)
    case "lt": lt(left, right)
    default: lte(left, right)
    }
  }

  private func aggregate() throws -> SQL {
    switch name {
    case "countDistinct": countDistinct(try left())
    case "sum": sum(try left())
    case "sumDistinct": sumDistinct(try left())
    case "avg": avg(try left())
    case "avgDistinct": avgDistinct(try left())
    case "max": max(try left())
    case "min": min(try left())
    default: throw ReplayFailure("unknown operator '\(name)'")
    }
  }

  private func membership() throws -> SQL {
    let left = try left()
    if arguments[1].has("chain") {
      let query = try query(1)
      return name == "inArray" ? inArray(left, query) : notInArray(left, query)
    }
    let values: [any SQLOperand]
    switch try scope.node(arguments[1]) {
    case .value(.array(let elements)): values = elements
    case .list(let nodes): values = try nodes.map { try operand($0) }
    case .sql(let part): values = [part]
    default: throw ReplayFailure("a list that is none")
    }
    return name == "inArray" ? inArray(left, values) : notInArray(left, values)
  }

  private func arrays() throws -> SQL {
    let left = try left()
    let right = try scope.node(arguments[1])
    if case .value(.array(let values)) = right {
      return switch name {
      case "arrayContains": arrayContains(left, values)
      case "arrayContained": arrayContained(left, values)
      default: arrayOverlaps(left, values)
      }
    }
    guard case .sql(let part) = right else { throw ReplayFailure("a list that is none") }
    return switch name {
    case "arrayContains": arrayContains(left, part)
    case "arrayContained": arrayContained(left, part)
    default: arrayOverlaps(left, part)
    }
  }

  // MARK: - Arguments

  private func left() throws -> any SQLConvertible {
    guard let first = arguments.first else { throw ReplayFailure("'\(name)' without an operand") }
    switch try scope.node(first) {
    case .sql(let part): return part
    case .value(let value): return SQL.param(value)
    case .placeholder(let placeholder): return placeholder.operand(for: nil)
    default: throw ReplayFailure("'\(name)' of what is no expression")
    }
  }

  private func operand(_ index: Int) throws -> any SQLOperand {
    guard index < arguments.count else { throw ReplayFailure("'\(name)' lacks an operand") }
    return try operand(try scope.node(arguments[index]))
  }

  private func operand(_ node: Scope.Node) throws -> any SQLOperand {
    switch node {
    case .value(let value): return value
    case .sql(let part): return part
    case .placeholder(let placeholder): return placeholder
    case .undefined: return Value.null
    case .list(let nodes):
      let values = try nodes.map { node -> Value in
        guard case .value(let value) = node else { throw ReplayFailure("a list of expressions") }
        return value
      }
      return Value.array(values)
    }
  }

  private func query(_ index: Int) throws -> any SQLQuery {
    guard index < arguments.count, let chain = arguments[index]["chain"]?.elements else {
      throw ReplayFailure("'\(name)' without a query")
    }
    return try scope.query(chain)
  }
}
