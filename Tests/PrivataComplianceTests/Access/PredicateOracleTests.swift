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

  /// Somebody who asks about a secret and notes each answer that is another one than all before.
  private final class Attacker {
    static let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    let store: any Store
    let model: ModelSchema
    var recovered = 0
    var calls = 0
    private var answers: Set<String> = []

    init(_ store: any Store, _ model: ModelSchema) {
      self.store = store
      self.model = model
    }

    /// True where something was learnt.
    private func asks(_ condition: Value, _ way: Int) async -> Bool {
      let filter = Filter.document(["_id": "target", "diagnosis": condition])
      calls += 1
      do throws(PrivataError) {
        switch way % 4 {
        case 0: _ = try await store.rows(for: Query(model, where: filter, answer: .exists))
        case 1: _ = try await store.rows(for: Query(model, where: filter, answer: .count))
        case 2:
          _ = try await store.write(
            .update(Update(model, where: filter, .operators(["$set": ["name": "T"]]))))
        default: _ = try await store.rows(for: Query(model, where: filter, limit: 1))
        }
        return true
      } catch {
        // Reads and writes are refused in words of their own; a third answer would tell something.
        let words = "\(way % 4 == 2) \(error.code.name) \(error.message)"
        return answers.insert(words).inserted && answers.count > 2
      }
    }

    /// Goes for the secret sign by sign.
    func attack(_ round: Int) async {
      var known = ""
      for _ in 0..<32 {
        for letter in Self.alphabet {
          let guess = known + String(letter)
          let condition: Value =
            switch round % 3 {
            case 0: ["$regex": .string("^" + guess)]
            case 1: ["$gte": .string(guess), "$lt": .string(guess + "~")]
            default: ["$in": [.string(guess)]]
            }
          guard await asks(condition, round) else { continue }
          recovered += 1
          known = guess
          break
        }
      }
    }
  }

  /// A hundred thousand questions about a secret of 32 signs, in every way there is to ask: each is
  /// answered in the same words, and nothing is sent to a store, so that no time tells either.
  @Test func aLongAttackRecoversNothing() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let secret = "k7Qp2ZxW9mB4tR1vY6nC3sD8fG5hJ0aL"
    try await clinic.insert(
      model, [["_id": "target", "name": "T", "ward": "n", "diagnosis": .string(secret)]])
    let attacker = Attacker(clinic.acting("r", "reception", "operations").store, model)
    let sent = await SentStatements.during {
      for round in 0..<51 { await attacker.attack(round) }
    }
    #expect(attacker.calls >= 100_000 && attacker.recovered == 0)
    #expect(sent.isEmpty)
    let refusals = try await clinic.vault.audit.count(
      matching: .init(actor: "r", outcome: .refused))
    #expect(refusals == attacker.calls)
    await clinic.vault.close()
  }
}
