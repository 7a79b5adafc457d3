import PrivataCore
import Testing

@Suite struct ConditionTests {
  private typealias Tags = Condition<Tag>

  private let f = Tag.fields

  @Test func comparisonsOfFields() {
    let cases: [(Tags, Filter)] = [
      (f.id == 5, .compare("id", .equal, .int64(5))),
      (f.id != 5, .compare("id", .notEqual, .int64(5))),
      (f.id < 5, .compare("id", .less, .int64(5))),
      (f.id <= 5, .compare("id", .lessOrEqual, .int64(5))),
      (f.id > 5, .compare("id", .greater, .int64(5))),
      (f.id >= 5, .compare("id", .greaterOrEqual, .int64(5))),
      (f.note == nil, .isNull("note")), (f.note != nil, .isNotNull("note")),
      (f.note == "x", .compare("note", .equal, "x")),
      (f.kind == .urgent, .compare("kind", .equal, "urgent")),
    ]
    for (condition, filter) in cases { #expect(condition.filter == filter) }
  }

  @Test func comparisonsOfKeyPaths() {
    let id = \Tag.Fields.id
    let note = \Tag.Fields.note
    let cases: [(Tags, Filter)] = [
      (id == 5, .compare("id", .equal, .int64(5))),
      (id != 5, .compare("id", .notEqual, .int64(5))),
      (id < 5, .compare("id", .less, .int64(5))),
      (id <= 5, .compare("id", .lessOrEqual, .int64(5))),
      (id > 5, .compare("id", .greater, .int64(5))),
      (id >= 5, .compare("id", .greaterOrEqual, .int64(5))),
      (note == nil, .isNull("note")), (note != nil, .isNotNull("note")),
    ]
    for (condition, filter) in cases { #expect(condition.filter == filter) }
    let inferred: Tags = \.label == "a" && \.weight >= 1.5
    #expect(
      inferred.filter
        == .and([
          .compare("label", .equal, "a"), .compare("weight", .greaterOrEqual, .double(1.5)),
        ]))
  }

  @Test func setsTextsAndLogic() {
    let cases: [(Tags, Filter)] = [
      (f.id.isIn([1, 2]), .isIn("id", [.int64(1), .int64(2)])),
      (f.id.isNotIn([Int64]()), .isNotIn("id", [])),
      (f.note.isNull, .isNull("note")), (f.note.isNotNull, .isNotNull("note")),
      (f.label.contains("a"), .text("label", .contains, "a", ignoringCase: false)),
      (
        f.label.startsWith("a", ignoringCase: true),
        .text("label", .startsWith, "a", ignoringCase: true)
      ),
      (f.note.endsWith("a"), .text("note", .endsWith, "a", ignoringCase: false)),
      (!(f.id == 1), .not(.compare("id", .equal, .int64(1)))),
      (
        f.id == 1 || f.id == 2 && f.id == 3,
        .or([
          .compare("id", .equal, .int64(1)),
          .and([.compare("id", .equal, .int64(2)), .compare("id", .equal, .int64(3))]),
        ])
      ),
    ]
    for (condition, filter) in cases { #expect(condition.filter == filter) }
    #expect(Tags(.all) != Tags(.none))
    #expect(Set([f.id, f.id]).count == 1)
  }
}
