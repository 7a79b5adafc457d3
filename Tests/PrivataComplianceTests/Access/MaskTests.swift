import PrivataCompliance
import PrivataCore
import TestSupport
import Testing

@Suite struct MaskTests {
  @Test(arguments: [
    (ValueMask.last(4), Value.string("030 1234567"), Value.string("•••••••4567")),
    (.last(4), "1234567", "•••"), (.last(4), "12345678", "••••5678"), (.last(2), 123456, "••••56"),
    (.first(1), "Ada", "A••"), (.first(2), "Ada", "•••"), (.last(0), "abc", "•••"),
    (.domain, "ada@example.org", "•••@example.org"), (.domain, "ada", "•••"),
    (.range(10), 37, 30), (.range(10), -3, -10), (.range(5), "x", "•••"),
    (.hidden, "x", "•••"), (.hidden, .null, .null),
    (.yearOnly, .date(DateTime(milliseconds: 0)), 1970), (.yearOnly, "1988-05-06", 1988),
    (.yearOnly, "unknown", "•••"),
  ])
  func shows(_ mask: ValueMask, _ value: Value, _ shown: Value) {
    #expect(mask.shown(value) == shown)
  }

  /// Short values show nothing of themselves.
  @Test func shortValuesAreHidden() {
    for length in 1...5 {
      let text = String("98765".prefix(length))
      for count in 1...5 where 2 * count > length {
        #expect(ValueMask.last(count).shown(.string(text)) == "•••")
        #expect(ValueMask.first(count).shown(.string(text)) == "•••")
      }
    }
  }

  private func clinic() async throws -> KeyedClinic {
    var policy = FieldPolicy()
    policy.allow(
      role: "reception", purpose: "operations", on: "Patient", fields: ["name", "phone"])
    policy.mask("phone", on: "Patient", role: "reception", with: .last(4))
    return try await KeyedClinic { $0.fieldPolicy = policy }
  }

  @Test func aMaskedFieldIsReadAndNothingElse() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let reception = clinic.acting("r", "reception", "operations").store
    let query = Query(model, where: .document(["_id": "p1"]))
    #expect(try await reception.rows(for: query).documents.first?["phone"] == "•••••••4567")
    let cells = Query(
      model, where: .compare("_id", .equal, "p1"), projection: .fields(["phone", "name"]),
      layout: .cells)
    let row = try await reception.rows(for: cells)
    #expect(row.value(row: 0, column: 0) == "•••••••4567")
    #expect(row.value(row: 0, column: 1) == "Ada Canary")
    let stream = try #require(reception as? any StreamingStore)
    let pieces = try await stream.stream(query, batchSize: 1)
    #expect(try await pieces.next()?.documents.first?["phone"] == "•••••••4567")
    await pieces.close()
    let refused: [Query] = [
      Query(model, where: .document(["phone": "030 1234567"])),
      Query(model, where: .document(["phone": ["$regex": "^030"]])),
      Query(model, sort: [SortKey("phone")]), Query(model, answer: .distinct("phone")),
      Query(model, projection: .document(["number": "$phone"])),
      Query(model, projection: .document(["head": ["$substrCP": ["$phone", 0, 3]]])),
    ]
    for query in refused {
      #expect(await code { _ = try await reception.rows(for: query) } == .accessDenied)
    }
    await clinic.vault.close()
  }

  /// What was shown in part cannot take the place of the whole.
  @Test func aMaskedValueIsNotWrittenBack() async throws {
    let clinic = try await clinic()
    let model = clinic.models.patient
    let reception = clinic.acting("r", "reception", "operations").store
    let one = Filter.document(["_id": "p1"])
    let refused: [Write] = [
      .update(Update(model, where: one, .operators(["$set": ["phone": "•••••••4567"]]))),
      .update(Update(model, where: one, .replacement(["name": "x", "phone": "•••"]))),
      .update(Update(model, where: one, .assign([Assignment("phone", "x")]), layout: .cells)),
    ]
    for write in refused {
      #expect(await code { _ = try await reception.write(write) } == .accessDenied)
    }
    let rename = Update(
      model, where: one, .operators(["$set": ["name": "Eva"]]), returning: .after)
    let after = try await reception.write(.update(rename)).rows?.documents.first
    #expect(after?["name"] == "Eva" && after?["phone"] == "•••••••4567")
    let whole = try await clinic.vault.store.rows(for: Query(model, where: one)).documents.first
    #expect(whole?["phone"] == "030 1234567")
    await clinic.vault.close()
  }
}
