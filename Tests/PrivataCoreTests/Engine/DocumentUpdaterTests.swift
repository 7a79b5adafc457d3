import PrivataCore
import Testing

@Suite struct DocumentUpdaterTests {
  @Test func leavesWhatMongoDBLeaves() throws {
    let recorded = try RecordedCases("update")
    let subjects = recorded.documents("subjects")
    var differences = Differences()
    for one in recorded.cases {
      let changes = try #require(Self.changes(of: one))
      let subject = one["subject"]?.asInt.map { subjects[$0] }
      let filters = one["arrayFilters"]?.asArray?.compactMap(\.asDocument) ?? []
      let found = outcome { () throws(PrivataError) in
        let updater = try DocumentUpdater(changes, arrayFilters: filters)
        guard let subject else {
          return try updater.upsert(from: one["upsert"]?.asDocument ?? [:])
        }
        var filter: Document = ["_id": 1]
        for element in one["filter"]?.asDocument?.elements ?? [] {
          filter[element.key] = element.value
        }
        return try updater.apply(to: subject, matching: DocumentMatcher(filter))
      }
      differences.compared()
      if let difference = Self.difference(one, subject, found) {
        var asked = one
        asked["after"] = nil
        differences.add("\(asked.json): \(difference)")
      }
    }
    differences.report(atLeast: 1000)
  }

  private static func changes(of one: Document) -> Changes? {
    if let document = one["operators"]?.asDocument { return .operators(document) }
    if let document = one["replacement"]?.asDocument { return .replacement(document) }
    return one["pipeline"]?.asArray.map { .pipeline($0.compactMap(\.asDocument)) }
  }

  private static func difference(
    _ one: Document, _ subject: Document?, _ found: Result<Document, PrivataError>
  ) -> String? {
    let wanted = one.contains("same") ? subject : one["after"]?.asDocument
    switch (found, wanted, one["error"]) {
    case (.success(var document), let wanted?, _):
      if subject == nil, document["_id"]?.asObjectID != nil { document["_id"] = "new" }
      if document.bson != wanted.bson { return "left \(document.json), wanted \(wanted.json)" }
      // MongoDB calls some updates a change that change nothing.
      let isModified = subject.map { $0.bson != document.bson } ?? true
      if isModified, one["modified"]?.asInt == 0 { return "modified, wanted no change" }
      return nil
    case (.failure(let error), _, let wanted?):
      return error.serverCode == wanted.asInt
        ? nil : "error \(error.serverCode) \(error), wanted \(wanted.asInt ?? 0)"
    case (.failure(let error), _, nil): return "threw \(error)"
    default: return "did not throw \(one["error"]?.asInt ?? 0)"
    }
  }
}
