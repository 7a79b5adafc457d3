import PrismaStyle
import PrivataCore
import ReplayKit

/// Carries out recorded calls.
struct Caller {
  let client: PrismaClient

  /// What the case itself throws.
  struct Thrown: Error { var text: String }

  /// The answer of a call, in plain values.
  func answer(_ call: JSON) async throws -> Value {
    let op = call["op"]?.string ?? ""
    let model = call["model"]?.string ?? "-"
    let members = call["args"]?.members ?? []
    if op.hasPrefix("$") { return try await special(op, call["args"]) }
    let arguments = try RecordedArguments.document(members)
    return try await answer(op, client[model], arguments)
  }

  private func answer(_ op: String, _ model: ModelClient, _ arguments: Document) async throws
    -> Value
  {
    switch op {
    case "findMany": return list(try await model.findMany(arguments))
    case "findFirst": return one(try await model.findFirst(arguments))
    case "findFirstOrThrow": return one(try await model.findFirstOrThrow(arguments))
    case "findUnique": return one(try await model.findUnique(arguments))
    case "findUniqueOrThrow": return one(try await model.findUniqueOrThrow(arguments))
    case "create": return one(try await model.create(arguments))
    case "createMany": return ["count": .int(try await model.createMany(arguments))]
    case "createManyAndReturn": return list(try await model.createManyAndReturn(arguments))
    case "update": return one(try await model.update(arguments))
    case "updateMany": return ["count": .int(try await model.updateMany(arguments))]
    case "updateManyAndReturn": return list(try await model.updateManyAndReturn(arguments))
    case "upsert": return one(try await model.upsert(arguments))
    case "delete": return one(try await model.delete(arguments))
    case "deleteMany": return ["count": .int(try await deleted(model, arguments))]
    case "count":
      if arguments["select"] != nil { return .document(try await model.counts(arguments)) }
      return .int(try await model.count(arguments))
    case "aggregate": return one(try await model.aggregate(arguments))
    case "groupBy": return list(try await model.groupBy(arguments))
    default: return try await fluent(op, model, arguments)
    }
  }

  /// The recorded client removes everything where no condition is given; PrismaStyle wants a word.
  private func deleted(_ model: ModelClient, _ arguments: Document) async throws -> Int {
    let conditions =
      arguments["where"]?.asDocument?.elements.filter { $0.value != .undefined } ?? []
    guard conditions.isEmpty, arguments["limit"] == nil else {
      return try await model.deleteMany(arguments)
    }
    return try await model.deleteAll()
  }

  private func fluent(_ op: String, _ model: ModelClient, _ arguments: Document) async throws
    -> Value
  {
    let parts = op.split(separator: ".").map(String.init)
    guard parts.count == 2, parts[0] == "findUnique" else {
      throw ReplayFailure("no call '\(op)'")
    }
    var arguments = arguments
    let related = arguments.remove("relationArgs")?.asDocument ?? [:]
    return try await model.findUnique(arguments, parts[1], related) ?? .null
  }

  private func list(_ documents: [Document]) -> Value { .array(documents.map { .document($0) }) }
  private func one(_ document: Document?) -> Value { document.map { .document($0) } ?? .null }
}

// MARK: - Transactions, parallel calls, raw SQL

extension Caller {
  private func special(_ op: String, _ arguments: JSON?) async throws -> Value {
    switch op {
    case "$transaction":
      return try await client.transaction { scope in
        var answers: [Value] = []
        for call in arguments?["calls"]?.elements ?? [] {
          answers.append(try await Caller(client: scope).answer(call))
        }
        return .array(answers)
      }
    case "$parallel":
      var answers: [Value] = []
      for call in arguments?["calls"]?.elements ?? [] { answers.append(try await answer(call)) }
      return .array(answers)
    case "$transaction.interactive": return try await interactive(arguments)
    case "$transaction.leak": return try await leaked(arguments)
    case "$queryRaw", "$queryRawUnsafe", "$executeRaw", "$executeRawUnsafe":
      return try await raw(op, arguments)
    case "$runCommandRaw":
      return .document(
        try await client.runCommand(
          try RecordedArguments.document(arguments?["command"]?.members ?? [])))
    default: throw ReplayFailure("no call '\(op)'")
    }
  }

  private func interactive(_ arguments: JSON?) async throws -> Value {
    var limit = Duration.seconds(5)
    if case .integer(let milliseconds)? = arguments?["options"]?["timeout"]?.kind {
      limit = .milliseconds(milliseconds)
    }
    return try await client.transaction(timeout: limit) { scope in
      try await Caller(client: scope).steps(arguments?["steps"]?.elements ?? [])
    }
  }

  private func steps(_ steps: [JSON]) async throws -> Value {
    var last = Value.null
    for step in steps {
      if let text = step["throw"]?.string { throw Thrown(text: text) }
      if case .integer(let milliseconds)? = step["sleepMs"]?.kind {
        try await Task.sleep(for: .milliseconds(milliseconds))
      } else if let nested = step["nested"]?.elements {
        do {
          last = try await client.transaction { try await Caller(client: $0).steps(nested) }
        } catch  where step["catch"]?.isTrue == true {
          continue
        }
      } else if let returns = step["returns"] {
        last = try await answer(returns)
      } else {
        _ = try await answer(step)
      }
    }
    return last
  }

  private func leaked(_ arguments: JSON?) async throws -> Value {
    let old = try await client.transaction { scope in
      _ = try await Caller(client: scope).steps(arguments?["steps"]?.elements ?? [])
      return scope
    }
    guard let then = arguments?["then"] else { throw ReplayFailure("a leak needs 'then'") }
    return try await Caller(client: old).answer(then)
  }

  private func raw(_ op: String, _ arguments: JSON?) async throws -> Value {
    var values: [RawSQL.Part] = []
    for value in arguments?["values"]?.elements ?? [] {
      if let joined = value["$join"]?.elements {
        values.append(.list(try joined.map { try RecordedArguments.value($0) }))
      } else {
        values.append(.value(try RecordedArguments.value(value)))
      }
    }
    let sql: RawSQL
    if let text = arguments?["sql"]?.string {
      sql = RawSQL(unsafe: text, values: values)
    } else {
      sql = RawSQL(arguments?["sql"]?.elements?.compactMap(\.string) ?? [], values)
    }
    if op.hasPrefix("$query") { return list(try await client.queryRaw(sql)) }
    return .int(try await client.executeRaw(sql))
  }
}
