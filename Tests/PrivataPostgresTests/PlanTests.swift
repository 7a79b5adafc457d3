import PrivataCore
import PrivataSQL
import Testing

@testable import PrivataPostgres

@Suite struct PlanTests {
  @Test func aShapeIsCompiledOnce() throws {
    let tables = PostgresTables()
    let model = ModelSchema(
      name: "Item", collection: "items", fields: [.init("id", .int32), .init("label", .string)])
    let ids = try (1...3).map { id in
      try tables.plan(
        of: Query(model, where: .compare("id", .equal, .int32(Int32(id))), layout: .cells)
      ).compiled.template.id
    }
    #expect(Set(ids).count == 1)
  }
}
