import PrivataCore
import Testing

@Suite struct QueryTests {
  private let model = Tag.schema

  @Test func optionsAreCopiedWithTheirQuery() {
    var first = Query(model)
    #expect(first.options == nil)
    var options = QueryOptions()
    options.hint = "by_name"
    first.options = options
    var second = first
    second.options?.hint = "other"
    #expect(first.options?.hint == "by_name")
    #expect(second.options?.hint == "other")
    second.options = nil
    #expect(second.options == nil)
  }

  @Test func writesKeepTheirOptionsApart() {
    var update = Update(model, where: .all, .operators(["$set": ["a": 1]]))
    var delete = Delete(model, where: .all)
    #expect(update.options == nil && delete.options == nil)
    update.options = QueryOptions()
    delete.options = QueryOptions()
    update.options?.comment = "u"
    delete.options?.comment = "d"
    #expect(update.options?.comment == "u")
    #expect(delete.options?.comment == "d")
    #expect(delete.isMany && !update.isMany)
  }

  @Test func anInsertKnowsHowMany() {
    #expect(Insert(model, .documents([[:], [:]])).rows.count == 2)
    var batch = RowBatch(width: 2)
    for number in 0..<6 { batch.append(int32: Int32(number)) }
    #expect(Insert(model, .cells(fields: ["a", "b"], batch)).rows.count == 3)
  }

  @Test func filtersNameTheirOwnFields() {
    let cases: [(Filter, [String])] = [
      (.all, []), (.none, []), (.document(["a": 1]), []), (.compare("a", .less, 1), ["a"]),
      (.compareFields("a", .less, "b"), ["a", "b"]), (.isIn("a", []), ["a"]),
      (.isNotIn("a", []), ["a"]), (.isNull("a"), ["a"]), (.isNotNull("a"), ["a"]),
      (.text("a", .like, "x", ignoringCase: true), ["a"]), (.list("a", .isEmpty, []), ["a"]),
      (.and([.isNull("a")]), []), (.or([.isNull("a")]), []), (.not(.isNull("a")), []),
    ]
    for (filter, names) in cases { #expect(filter.fieldNames == names) }
  }

  @Test func anOutcomeBeginsEmpty() {
    let outcome = WriteOutcome()
    #expect(outcome.inserted + outcome.matched + outcome.modified + outcome.deleted == 0)
    #expect(outcome.upserted.isEmpty && outcome.failures.isEmpty && outcome.rows == nil)
    #expect(SortKey("a", descending: true, nulls: .last).isDescending)
    #expect(Assignment("a", 1).operation == .set)
  }
}
