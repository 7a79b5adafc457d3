import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct PredicateOracleTests {
  private func clinic() async throws -> KeyedClinic {
    var policy = FieldPolicy()
    policy.allow(role: "reception", purpose: "operations", on: "Patient", fields: ["name"])
    return try await KeyedClinic { $0.fieldPolicy = policy }
  }

  /// Every operator and position in which a field that may not be read could be asked about.
  @Test func everyPositionIsRefused() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let store = clinic.acting("r", "reception", "operations").store
    let conditions: [Value] = [
      "J45", ["$ne": "J45"], ["$gt": "J"], ["$gte": "J"], ["$lt": "J"], ["$lte": "J"],
      ["$in": ["J45"]], ["$nin": ["J45"]], ["$exists": true], ["$type": "string"],
      ["$regex": "^J"], ["$not": ["$eq": "J45"]], .null,
    ]
    for condition in conditions {
      for filter: Document in [
        ["diagnosis": condition], ["$or": [["ward": "x"], ["diagnosis": condition]]],
        ["$nor": [["diagnosis": condition]]], ["$and": [["diagnosis": condition]]],
      ] {
        for answer in [Query.Answer.rows, .count, .exists, .distinct("ward")] {
          let query = Query(model, where: .document(filter), answer: answer)
          #expect(await code { _ = try await store.rows(for: query) } == .accessDenied)
        }
      }
    }
    let typed: [Filter] = [
      .compare("diagnosis", .equal, "x"), .compareFields("ward", .less, "diagnosis"),
      .isIn("diagnosis", ["x"]), .isNotIn("diagnosis", ["x"]), .isNull("diagnosis"),
      .isNotNull("diagnosis"), .text("diagnosis", .contains, "x", ignoringCase: true),
      .not(.compare("diagnosis", .equal, "x")), .document(["$where": "true"]),
      .document(["$expr": ["$eq": [["$getField": "diagnosis"], "J45"]]]),
    ]
    for filter in typed {
      let query = Query(model, where: filter, projection: .fields(["name"]), layout: .cells)
      #expect(await code { _ = try await store.rows(for: query) } == .accessDenied)
      let update = Update(model, where: filter, .operators(["$set": ["name": "x"]]))
      #expect(await code { _ = try await store.write(.update(update)) } == .accessDenied)
      #expect(
        await code { _ = try await store.write(.delete(Delete(model, where: filter))) }
          == .accessDenied)
    }
    await clinic.vault.close()
  }

  /// A refused duplicate would tell which values are taken.
  @Test func uniqueValuesAreNotProbed() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let store = clinic.acting("r", "reception", "operations").store
    for email in ["p1@example.org", "free@example.org"] {
      let insert = Insert(
        model, .documents([["_id": .string(email), "email": .string(email)]]))
      #expect(await code { _ = try await store.write(.insert(insert)) } == .accessDenied)
    }
    let upsert = Update(
      model, where: .document(["email": "p1@example.org"]), .operators(["$set": ["name": "x"]]),
      isUpsert: true)
    #expect(await code { _ = try await store.write(.update(upsert)) } == .accessDenied)
    let conflict = Insert(
      model, .documents([["_id": "n", "name": "x"]]), onConflict: .ignore(["email"]))
    #expect(await code { _ = try await store.write(.insert(conflict)) } == .accessDenied)
    let plain = Insert(model, .documents([["_id": "n", "name": "New"]]))
    #expect(try await store.write(.insert(plain)).inserted == 1)
    await clinic.vault.close()
  }

  /// A script that asks yes-or-no questions learns nothing.
  @Test func aBooleanOracleLearnsNothing() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let store = clinic.acting("r", "reception", "operations").store
    var learnt = 0
    for position in 0..<14 {
      for letter in "abcdefghijklmnopqrstuvwxyz-" {
        let pattern = "^.{\(position)}\(letter)"
        let query = Query(
          model, where: .document(["_id": "p1", "diagnosis": ["$regex": .string(pattern)]]),
          answer: .exists)
        if (try? await store.rows(for: query)) != nil { learnt += 1 }
      }
    }
    #expect(learnt == 0)
    await clinic.vault.close()
  }
}
