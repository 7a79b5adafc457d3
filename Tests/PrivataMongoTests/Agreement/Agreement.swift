import PrivataCore
import Testing

@testable import PrivataMongo

/// Asks the server and the document engine the same, so that the engine's answers on other stores
/// are MongoDB's own.
struct Agreement {
  private let store: MongoStore
  private let model: ModelSchema
  private let documents: [Document]

  /// Runs the body over a collection of these documents, which get an `_id` where they have none.
  static func over(
    _ collection: String, _ documents: [Document], indexes: [Document] = [],
    _ body: (Agreement) async throws -> Void
  ) async throws {
    try await MongoTests.withCollection("agreement_" + collection) { store, model in
      let numbered = documents.enumerated().map { index, document in
        document.contains("_id")
          ? document : Document([.init(key: "_id", value: .int(index))] + document.elements)
      }
      if !indexes.isEmpty { try await store.createIndexes(indexes, on: model) }
      try await store.insert(numbered, into: model)
      try await body(Agreement(store: store, model: model, documents: numbered))
    }
  }

  /// The documents of a text with one in Extended JSON on each line.
  static func table(_ lines: String) -> [Document] {
    lines.split(separator: "\n").compactMap { line in
      do { return try Document(extendedJSON: line) } catch {
        Issue.record("\(line): \(error)")
        return nil
      }
    }
  }

  /// What either of the two says: records, or MongoDB's code.
  enum Answer: Equatable, CustomStringConvertible {
    case records([Document])
    case refused(Int)
    /// Left to the server on purpose.
    case unsupported

    init(_ error: PrivataError) {
      let code = (error.underlying as? ServerError)?.code
      self = code.map { Answer.refused($0) } ?? .unsupported
    }

    var description: String {
      switch self {
      case .records(let records): records.map { $0.extendedJSON() }.joined(separator: " ")
      case .refused(let code): "error \(code)"
      case .unsupported: "unsupported"
      }
    }

    static func == (a: Answer, b: Answer) -> Bool {
      switch (a, b) {
      case (.records(let x), .records(let y)): x.map(\.bson) == y.map(\.bson)
      case (.refused(let x), .refused(let y)): x == y
      case (.unsupported, .unsupported): true
      default: false
      }
    }
  }

  /// Compares what a filter finds.
  func find(_ filter: Document, collation: Document? = nil, textFields: [String] = []) async throws
  {
    var query = Query(
      model, where: .document(filter), projection: .document(["_id": 1]), sort: [SortKey("_id")])
    if let collation {
      query.options = QueryOptions()
      query.options?.collation = collation
    }
    let wanted = await server { try await store.rows(for: query).documents }
    let found = engine { () throws(PrivataError) in
      let matcher = try DocumentMatcher(filter, collation: collation, textFields: textFields)
      var ids: [Document] = []
      for document in documents where try matcher.matches(document) {
        ids.append(["_id": document["_id"] ?? .null])
      }
      return ids
    }
    expect(found, wanted, filter, collation)
  }

  /// Compares what a pipeline answers.
  func aggregate(_ stages: [Document], collation: Document? = nil) async throws {
    var options = QueryOptions()
    options.collation = collation
    let wanted = await server {
      try await store.aggregate(stages, on: model, options: options).documents
    }
    var found: Answer
    do throws(PrivataError) {
      let pipeline = try Pipeline(stages, collation: collation)
      let documents = documents
      found = .records(
        try await pipeline.run(documents) { name in
          name == model.collection || name == "" ? documents : []
        })
    } catch { found = Answer(error) }
    expect(found, wanted, ["pipeline": .array(stages.map { .document($0) })], collation)
  }

  /// Compares what an expression makes of each document, a document's failure being the answer.
  func evaluate(_ expression: Value) async throws {
    try await aggregate([["$sort": ["_id": 1]], ["$project": ["r": expression]]])
  }

  /// Compares what an update makes of the record with that `_id`.
  func update(_ id: Value, _ changes: Changes, arrayFilters: [Document] = []) async throws {
    let subject = documents.first { $0["_id"] == id } ?? [:]
    let write = Update(
      model, where: .document(["_id": id]), changes, arrayFilters: arrayFilters, returning: .after)
    let wanted = await server {
      let rows = try await store.write(.update(write)).rows?.documents ?? []
      _ = try await store.write(
        .update(Update(model, where: .document(["_id": id]), .replacement(subject))))
      return rows
    }
    let found = engine { () throws(PrivataError) in
      [try DocumentUpdater(changes, arrayFilters: arrayFilters).apply(to: subject)]
    }
    expect(found, wanted, ["changes": .string("\(changes)")], nil)
  }

  private func server(_ body: () async throws -> [Document]) async -> Answer {
    do { return .records(try await body()) } catch {
      return (error as? PrivataError).map(Answer.init) ?? .unsupported
    }
  }

  private func engine(_ body: () throws(PrivataError) -> [Document]) -> Answer {
    do throws(PrivataError) { return .records(try body()) } catch { return Answer(error) }
  }

  private func expect(
    _ found: Answer, _ wanted: Answer, _ asked: Document, _ collation: Document?
  ) {
    let with = collation.map { " under \($0.extendedJSON())" } ?? ""
    #expect(found == wanted, "\(asked.extendedJSON())\(with): \(found), MongoDB says \(wanted)")
  }
}
