import MongoStyle
import PrivataCore
import ReplayKit

/// Adds one recorded hook to a schema: it leaves a trace and has its effect.
struct HookBuilder {
  let trace: HookTrace
  let json: JSON

  private var isBefore: Bool { json["pre"] != nil }
  private var operations: [String] { (json["pre"] ?? json["post"])?.names ?? [] }
  private var isErrorHandler: Bool { json["errorHandler"]?.isTrue ?? false }

  func add(to schema: inout Schema) throws {
    for operation in operations {
      let body = HookBody(
        trace: trace, label: json["label"]?.string ?? "\(isBefore ? "pre" : "post") \(operation)",
        effect: json["effect"])
      try add(operation, body, to: &schema)
    }
  }

  private func add(_ operation: String, _ body: HookBody, to schema: inout Schema) throws {
    switch operation {
    case "init":
      if isBefore {
        schema.preInit { _ in try body.runNow("document") }
      } else {
        schema.postInit { document in try body.runNow(HookBody.kind(document)) }
      }
    case "aggregate": addAggregate(body, to: &schema)
    case "insertMany": addInsertMany(body, to: &schema)
    case "bulkWrite": addBulkWrite(body, to: &schema)
    default:
      if let name = DocumentOperation(rawValue: operation), isForDocuments(operation) {
        add(name, body, to: &schema)
      }
      if let name = QueryOperation(rawValue: operation), isForQueries(operation) {
        add(name, body, to: &schema)
      }
      guard
        DocumentOperation(rawValue: operation) != nil
          || QueryOperation(rawValue: operation) != nil
      else { throw ReplayFailure("no operation '\(operation)' for hooks") }
    }
  }

  // MARK: - What a hook runs on

  /// `updateOne` and `deleteOne` are hooks of queries unless the options ask for documents.
  private func isForDocuments(_ operation: String) -> Bool {
    let options = json["options"]
    if operation == "updateOne" || operation == "deleteOne" {
      return options?["document"]?.isTrue ?? false
    }
    guard options?["document"] != nil || options?["query"] != nil else { return true }
    return options?["document"]?.bool != false
  }

  private func isForQueries(_ operation: String) -> Bool {
    let options = json["options"]
    switch operation {
    case "updateOne", "deleteOne":
      return options?["query"]?.isTrue ?? (options?["document"] == nil)
    case "validate": return options?["query"]?.isTrue ?? false
    default: return true
    }
  }

  // MARK: - By kind

  private func add(
    _ operation: DocumentOperation, _ body: HookBody, to schema: inout Schema
  ) {
    if isErrorHandler {
      schema.onError(operation) { error, document in
        try body.handle(error, HookBody.kind(document))
      }
    } else if isBefore {
      schema.pre(operation) { document in
        try await body.run(HookBody.kind(document))
        try body.change(document)
      }
    } else {
      schema.post(operation) { document in
        try await body.run(HookBody.kind(document), result: "document")
        try body.change(document)
      }
    }
  }

  private func add(_ operation: QueryOperation, _ body: HookBody, to schema: inout Schema) {
    if isErrorHandler {
      schema.onError(query: operation) { error, _ in try body.handle(error, "query") }
    } else if isBefore {
      schema.pre(query: operation) { plan in
        try await body.run("query")
        try body.change(&plan)
      }
    } else {
      schema.post(query: operation) { _, answer in
        try await body.run("query", result: HookBody.form(of: answer))
      }
    }
  }

  private func addAggregate(_ body: HookBody, to schema: inout Schema) {
    if isErrorHandler {
      schema.onAggregateError { error, _ in try body.handle(error, "aggregate") }
    } else if isBefore {
      schema.preAggregate { plan in
        try await body.run("aggregate")
        if let stage = body.effect?["pipelineUnshift"] {
          plan.pipeline.insert(try ArgumentReader().document(stage), at: 0)
        }
      }
    } else {
      schema.postAggregate { _, rows in
        try await body.run("aggregate", result: "array(\(rows.count))")
      }
    }
  }

  private func addInsertMany(_ body: HookBody, to schema: inout Schema) {
    if isErrorHandler {
      schema.onInsertManyError { error, _ in try body.handle(error, "model") }
    } else if isBefore {
      schema.preInsertMany { _, _ in try await body.run("model") }
    } else {
      schema.postInsertMany { _, answer in
        try await body.run("model", result: "array(\(answer.documents.count))")
      }
    }
  }

  private func addBulkWrite(_ body: HookBody, to schema: inout Schema) {
    if isErrorHandler {
      schema.onBulkWriteError { error, _ in try body.handle(error, "model") }
    } else if isBefore {
      schema.preBulkWrite { _, _ in try await body.run("model") }
    } else {
      schema.postBulkWrite { _, _ in try await body.run("model", result: "object{}") }
    }
  }
}

/// What a recorded hook does when it runs.
struct HookBody: Sendable {
  let trace: HookTrace
  let label: String
  let effect: JSON?

  /// What a hook of a document runs on.
  static func kind(_ document: MongoDocument) -> String {
    document.isSubdocument ? "subdocument" : "document"
  }

  /// Waits, leaves the trace, and fails where the effect says so.
  func run(_ kind: String, result: String? = nil) async throws {
    if let milliseconds = effect?["async"]?.int {
      try await Task.sleep(for: .milliseconds(milliseconds))
    }
    try runNow(kind, result: result)
  }

  func runNow(_ kind: String, result: String? = nil) throws {
    var entry = "\(label) @\(kind)"
    if effect?["logResult"]?.isTrue ?? false, let result { entry += " " + result }
    trace.append(entry)
    if let message = effect?["throw"]?.string {
      throw NamedError(name: "HookError", message: message)
    }
  }

  /// An error handler's part: passes the error on, or puts another in its place.
  func handle(_ error: any Error, _ kind: String) throws {
    trace.append("\(label) @\(kind) error=\(RecordedError(error).name)")
    if let message = effect?["replace"]?.string {
      throw NamedError(name: "ReplacedError", message: message)
    }
  }

  func change(_ document: MongoDocument) throws {
    for member in effect?["set"]?.members ?? [] {
      try document.set(member.key, try ArgumentReader().value(member.value))
    }
    if let invalid = effect?["invalidate"]?.elements, invalid.count == 2 {
      document.invalidate(invalid[0].string ?? "", invalid[1].string ?? "")
    }
  }

  func change(_ plan: inout QueryPlan) throws {
    for member in effect?["set"]?.members ?? [] {
      plan.set(member.key, try ArgumentReader().value(member.value))
    }
    if let filter = effect?["where"] { plan.merge(try ArgumentReader().document(filter)) }
    if let options = effect?["options"] {
      plan.setOptions(try ArgumentReader().document(options))
    }
  }

  /// What a query's hook received, in the notation's words.
  static func form(of answer: QueryAnswer) -> String {
    switch answer {
    case .documents(let documents): "array(\(documents.count))"
    case .plain(let documents): "array(\(documents.count))"
    case .values(let values): "array(\(values.count))"
    case .document(let document): document == nil ? "null" : "document"
    case .plainDocument(let document): form(of: document)
    case .update, .delete, .metadata: form(of: Rendering.plain(answer).asDocument)
    case .count(let count): "\(count)"
    case .value(let value): "\(value)"
    }
  }

  private static func form(of document: Document?) -> String {
    document.map { "object{" + $0.keys.sorted().joined(separator: ",") + "}" } ?? "null"
  }
}
