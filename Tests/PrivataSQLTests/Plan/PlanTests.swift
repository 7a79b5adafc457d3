import PrivataCore
import Testing

@testable import PrivataSQL

@Suite struct PlanTests {
  static let model = ModelSchema(
    name: "User", collection: "users",
    fields: [.init("_id", .objectID), .init("age", .int32), .init("name", .string)])

  @Test func shapesShareAPlan() throws {
    let plans = SQLPlans()
    let catalog = SQLCatalog(dialect: .sqlite)
    func plan(_ filter: Filter) throws -> ReadPlan {
      try plans.plan(of: Query(Self.model, where: filter, layout: .cells)) {
        model throws(PrivataError) in try catalog.bound(model)
      }
    }
    let a = Query(Self.model, where: .compare("_id", .equal, .objectID(ObjectID())))
    #expect(a.hasShape(of: a))
    #expect(a.hasShape(of: a.blank))
    #expect(a.blank.hasShape(of: a))
    let one = try plan(.compare("age", .equal, 1))
    let two = try plan(.compare("age", .equal, 2))
    #expect(one.compiled.template === two.compiled.template)
    let three = try plan(.compare("_id", .equal, .objectID(ObjectID())))
    let four = try plan(.compare("_id", .equal, .objectID(ObjectID())))
    #expect(three.compiled.template === four.compiled.template)
  }
}
