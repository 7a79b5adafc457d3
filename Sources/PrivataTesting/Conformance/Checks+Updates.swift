internal import PrivataCore

extension StoreConformance {
  static let updateChecks: [Check] = [
    Check("update: operators") { context in try await compare(updates, context) },
    Check("update: arrays") { context in try await compare(arrayUpdates, context) },
    Check("update: pipelines and replacements") { context in
      try await compare(wholeUpdates, context)
    },
    Check("update: refusals") { context in try await compare(refusedUpdates, context) },
  ]

  /// One update of one document.
  struct UpdateCase: Sendable {
    var filter: Document = [:]
    var changes: Changes
    var arrayFilters: [Document] = []

    init(_ changes: Document, where filter: Document = [:], _ arrayFilters: [Document] = []) {
      self.filter = filter
      self.changes = .operators(changes)
      self.arrayFilters = arrayFilters
    }

    init(_ changes: Changes) { self.changes = changes }
  }

  private static let subject: Document = [
    "name": "Ada", "age": 36, "small": 5, "big": .int64(7), "ratio": 1.5,
    "price": ConformanceContext.decimal("10.50"), "active": true,
    "born": ConformanceContext.date("1988-12-10T00:00:00.000Z"), "tags": ["a", "b", "c"],
    "scores": [5, 1, 3], "address": ["city": "London", "geo": ["lat": 1]],
    "visits": [["at": 1, "cost": 10], ["at": 2, "cost": 20], ["at": 3, "cost": 30]],
    "meta": ["k": 1], "other": ["x": [1, 2]], "nothing": .null,
  ]

  /// Compares what a store's updates leave with what the document engine leaves.
  private static func compare(_ cases: [UpdateCase], _ context: ConformanceContext) async throws {
    let model = context.person
    try await context.prepare([model])
    try await context.differences { differences in
      for (index, one) in cases.enumerated() {
        let before = Document([.init(key: "_id", value: .int(index))] + subject.elements)
        try await context.insert([before], into: model)
        var filter: Document = ["_id": .int(index)]
        for element in one.filter.elements { filter[element.key] = element.value }
        let wanted = Result { () throws(PrivataError) in
          try DocumentUpdater(one.changes, arrayFilters: one.arrayFilters)
            .apply(to: before, matching: DocumentMatcher(filter))
        }
        var update = Update(model, where: .document(filter), one.changes)
        update.arrayFilters = one.arrayFilters
        let found: Result<WriteOutcome, PrivataError>
        do {
          found = .success(try await context.store.write(.update(update)))
        } catch let error as PrivataError {
          found = .failure(error)
        }
        let after = try await context.find(model, .document(["_id": .int(index)]))
        if let difference = difference(before, wanted, found, after) {
          differences.append("\(one.changes) \(one.arrayFilters): \(difference)")
        }
      }
    }
  }

  private static func difference(
    _ before: Document, _ wanted: Result<Document, PrivataError>,
    _ found: Result<WriteOutcome, PrivataError>, _ after: [Document]
  ) -> String? {
    switch (wanted, found) {
    case (.failure(let wanted), .failure(let found)):
      let codes = [wanted, found].map { ($0.underlying as? ServerError)?.code }
      if codes[0] != codes[1] || wanted.code != found.code {
        return "threw \(found) (\(codes[1] ?? 0)), wanted \(wanted) (\(codes[0] ?? 0))"
      }
      return after.map(\.bson) == [before.bson]
        || after.map(ConformanceContext.canonical)
          == [ConformanceContext.canonical(before)]
        ? nil : "changed the document and threw"
    case (.success(let wanted), .success(let outcome)):
      if after.map(ConformanceContext.canonical) != [ConformanceContext.canonical(wanted)] {
        return
          "left \(after.map(ConformanceContext.text)), wanted \(ConformanceContext.text(wanted))"
      }
      let modified = wanted.bson == before.bson ? 0 : 1
      if outcome.matched != 1 || outcome.modified != modified {
        return "matched \(outcome.matched), modified \(outcome.modified), wanted 1 and \(modified)"
      }
      return nil
    case (.success, .failure(let error)): return "threw \(error)"
    case (.failure(let error), .success): return "did not throw \(error)"
    }
  }

  private static let updates: [UpdateCase] = [
    UpdateCase(["$set": ["name": "Grace"]]), UpdateCase(["$set": ["name": "Ada"]]),
    UpdateCase(["$set": ["age": 37, "name": .null, "new": 1]]),
    UpdateCase(["$set": ["address.city": "Paris"]]),
    UpdateCase(["$set": ["address.geo.lon": 2, "z": 1, "a": 2]]),
    UpdateCase(["$set": ["meta": [1, 2]]]),
    UpdateCase(["$set": ["tags.1": "x", "tags.5": "y"]]),
    UpdateCase(["$set": ["deep.er.still": 1]]),
    UpdateCase(["$set": ["age": "text"]]), UpdateCase(["$set": ["age": .double(36)]]),
    UpdateCase(["$set": ["active": ["not": "a bool"]]]), UpdateCase(["$set": [:]]),
    UpdateCase(["$unset": ["name": "", "address.city": 1, "unknown": 1, "tags.0": 1]]),
    UpdateCase(["$unset": ["age": 1, "other": 1]]),
    UpdateCase(["$inc": ["age": 1, "small": -2, "fresh": 3]]),
    UpdateCase(["$inc": ["age": 0.5]]), UpdateCase(["$inc": ["small": .int32(.max)]]),
    UpdateCase(["$inc": ["big": .int64(1), "ratio": 1]]),
    UpdateCase(["$inc": ["price": ConformanceContext.decimal("0.25")]]),
    UpdateCase(["$inc": ["age": ConformanceContext.decimal("1.5")]]),
    UpdateCase(["$inc": ["address.geo.lat": 4]]),
    UpdateCase(["$inc": ["age": 0]]), UpdateCase(["$mul": ["age": 2, "ratio": 2, "none": 5]]),
    UpdateCase(["$mul": ["small": .int32(.max)]]), UpdateCase(["$mul": ["price": 2]]),
    UpdateCase(["$min": ["age": 30, "small": 10, "name": "B", "fresh": 1]]),
    UpdateCase(["$max": ["age": 30, "small": 10, "name": "B", "fresh": 1, "nothing": 0]]),
    UpdateCase([
      "$max": ["age": "text", "born": ConformanceContext.date("2020-01-01T00:00:00.000Z")]
    ]),
    UpdateCase(["$rename": ["name": "title", "unknown": "x"]]),
    UpdateCase(["$rename": ["address.city": "city"]]),
    UpdateCase(["$rename": ["age": "meta.age", "small": "ratio"]]),
    UpdateCase(["$setOnInsert": ["name": "x"]]),
    UpdateCase(["$bit": ["small": ["and": 4]]]),
    UpdateCase(["$bit": ["small": ["or": 8], "big": ["xor": .int64(2)], "f": ["or": 1]]]),
    UpdateCase([
      "$set": ["a": 1], "$inc": ["age": 1], "$unset": ["name": 1], "$push": ["tags": "z"],
    ]),
    UpdateCase(["$set": ["born": .null]]), UpdateCase(["$set": ["big": 7]]),
    UpdateCase(["$set": ["price": 10.5]]),
  ]

  private static let arrayUpdates: [UpdateCase] = [
    UpdateCase(["$push": ["tags": "d", "fresh": 1]]), UpdateCase(["$push": ["tags": ["x", "y"]]]),
    UpdateCase(["$push": ["tags": ["$each": ["d", "e"], "$position": 1]]]),
    UpdateCase(["$push": ["scores": ["$each": [4, 2], "$sort": 1, "$slice": 3]]]),
    UpdateCase(["$push": ["scores": ["$each": [], "$sort": -1]]]),
    UpdateCase(["$push": ["scores": ["$each": [9], "$slice": -2]]]),
    UpdateCase([
      "$push": ["visits": ["$each": [["at": 0, "cost": 5]], "$sort": ["cost": -1], "$slice": 2]]
    ]),
    UpdateCase(["$push": ["scores": ["$each": [7], "$position": -1]]]),
    UpdateCase(["$push": ["other.x": 3]]),
    UpdateCase(["$addToSet": ["tags": "a", "scores": 9]]),
    UpdateCase(["$addToSet": ["tags": ["$each": ["a", "d", "d"]]]]),
    UpdateCase(["$addToSet": ["visits": ["at": 1, "cost": 10]]]),
    UpdateCase(["$addToSet": ["visits": ["cost": 10, "at": 1]]]),
    UpdateCase(["$addToSet": ["scores": .double(5)]]), UpdateCase(["$pull": ["tags": "a"]]),
    UpdateCase(["$pull": ["tags": ["$in": ["a", "c"]], "scores": ["$gte": 3]]]),
    UpdateCase(["$pull": ["visits": ["cost": ["$gt": 15]]]]),
    UpdateCase(["$pull": ["visits": ["at": 1]], "$set": ["name": "x"]]),
    UpdateCase(["$pull": ["tags": .regex(RegularExpression("^[ab]"))]]),
    UpdateCase(["$pull": ["unknown": 1, "tags": "zzz"]]),
    UpdateCase(["$pullAll": ["tags": ["a", "c"], "scores": [.double(1)]]]),
    UpdateCase(["$pop": ["tags": 1, "scores": -1]]),
    UpdateCase(["$pop": ["other.x": 1, "none": 1]]),
    UpdateCase(["$set": ["visits.$.cost": 99]], where: ["visits.at": 2]),
    UpdateCase(["$set": ["tags.$": "B"]], where: ["tags": "b"]),
    UpdateCase(
      ["$inc": ["visits.$.cost": 1]],
      where: ["visits": ["$elemMatch": ["at": ["$gt": 1], "cost": 30]]]),
    UpdateCase(["$unset": ["visits.$.cost": 1]], where: ["visits.cost": 10]),
    UpdateCase(["$inc": ["visits.$[].cost": 1, "scores.$[]": 10]]),
    UpdateCase(["$set": ["visits.$[v].seen": true]], [["v.cost": ["$gte": 20]]]),
    UpdateCase(["$mul": ["scores.$[s]": 2]], [["s": ["$gt": 2]]]),
    UpdateCase(
      ["$set": ["visits.$[v].cost": 0], "$unset": ["visits.$[w].at": 1]],
      [["v.at": 1], ["w.at": 3]]),
    UpdateCase(["$set": ["visits.1.at": 7, "visits.4": 1]]),
    UpdateCase(["$set": ["address.list.0": 1]]),
  ]

  private static let wholeUpdates: [UpdateCase] = [
    UpdateCase(.replacement(["name": "New", "age": 1])), UpdateCase(.replacement([:])),
    UpdateCase(.replacement(["age": "odd", "zzz": [1], "address": .null])),
    UpdateCase(
      .pipeline([["$set": ["age": ["$add": ["$age", 1]], "label": ["$concat": ["$name", "!"]]]]])),
    UpdateCase(
      .pipeline([["$unset": ["name", "address.city"]], ["$addFields": ["n": ["$size": "$tags"]]]])),
    UpdateCase(.pipeline([["$replaceWith": ["_id": "$_id", "only": "$address"]]])),
    UpdateCase(.pipeline([["$project": ["name": 1, "age": 1]]])),
    UpdateCase(
      .pipeline([["$set": ["tags": ["$concatArrays": ["$tags", ["z"]]], "gone": "$$REMOVE"]]])),
    UpdateCase(
      .pipeline([
        [
          "$set": [
            "status": [
              "$switch": [
                "branches": [["case": ["$gte": ["$age", 18]], "then": "adult"]], "default": "minor",
              ]
            ]
          ]
        ]
      ])),
    UpdateCase(
      .assign([
        Assignment("name", "Typed"), Assignment("age", 2, .increment),
        Assignment("tags", "t", .push),
      ])),
    UpdateCase(
      .assign([
        Assignment("small", 2, .multiply), Assignment("big", 1, .decrement),
        Assignment("ratio", 2.0, .divide),
      ])),
  ]

  private static let refusedUpdates: [UpdateCase] = [
    UpdateCase(["$inc": ["name": 1]]), UpdateCase(["$inc": ["age": "x"]]),
    UpdateCase(["$mul": ["tags": 2]]),
    UpdateCase(["$push": ["name": 1]]), UpdateCase(["$addToSet": ["age": 1]]),
    UpdateCase(["$pull": ["name": 1]]),
    UpdateCase(["$pop": ["name": 1]]), UpdateCase(["$pop": ["tags": 2]]),
    UpdateCase(["$pullAll": ["tags": "a"]]),
    UpdateCase(["$set": ["_id": 999]]), UpdateCase(["$unset": ["_id": 1]]),
    UpdateCase(["$set": ["name.first": 1]]),
    UpdateCase(["$set": ["tags.x": 1]]), UpdateCase(["$set": ["age": 1], "$inc": ["age": 1]]),
    UpdateCase(["$set": ["address": 1, "address.city": 2]]), UpdateCase(["$frobnicate": ["a": 1]]),
    UpdateCase(["$set": ["visits.$.cost": 1]]), UpdateCase(["$set": ["visits.$[v].cost": 1]]),
    UpdateCase(["$set": ["name": 1]], [["v.at": 1]]), UpdateCase(["$set": ["": 1]]),
    UpdateCase(["$set": ["a..b": 1]]),
    UpdateCase(["$rename": ["name": "name"]]), UpdateCase(["$rename": ["name": 5]]),
    UpdateCase(["$bit": ["name": ["or": 1]]]),
    UpdateCase(["$push": ["tags": ["$each": 5]]]),
    UpdateCase(["$push": ["tags": ["$each": [], "$bad": 1]]]),
    UpdateCase(["$currentDate": ["born": "x"]]), UpdateCase(["$set": ["name.$[].x": 1]]),
    UpdateCase(["$set": ["none.$[].x": 1]]),
    UpdateCase(["$inc": ["big": .int64(.max)]]),
    UpdateCase(.replacement(["_id": 999, "name": "x"])),
    UpdateCase(.pipeline([["$match": ["a": 1]]])), UpdateCase(.pipeline([["$bogus": 1]])),
  ]
}

extension Result where Failure == PrivataError {
  fileprivate init(_ body: () throws(PrivataError) -> Success) {
    do throws(PrivataError) { self = .success(try body()) } catch { self = .failure(error) }
  }
}
