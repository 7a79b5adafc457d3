import PrismaStyle
import PrivataCore
import Testing

@Suite struct AggregateTests {
  @Test func figuresPassOverMissingValues() async throws {
    let db = try await Clinic.client()
    let figures = try await db["User"].aggregate([
      "_count": ["_all": true, "age": true], "_avg": ["age": true], "_sum": ["age": true],
      "_min": ["age": true], "_max": ["age": true],
    ])
    #expect(
      figures == [
        "_count": ["_all": 3, "age": 2], "_avg": ["age": 40.5], "_sum": ["age": 81],
        "_min": ["age": 36], "_max": ["age": 45],
      ])
    #expect(
      try await db["User"].aggregate(["where": ["id": "zz"], "_sum": ["age": true]])
        == ["_sum": ["age": nil]])
  }

  @Test func groupsAreFilteredOrderedAndCut() async throws {
    let db = try await Clinic.client()
    let groups = try await db["User"].groupBy([
      "by": ["role"], "_count": true, "orderBy": ["role": "desc"], "take": 1,
    ])
    #expect(groups == [["role": "patient", "_count": 2]])
    let having = try await db["User"].groupBy([
      "by": ["role"], "having": ["age": ["_avg": ["gt": 40]]], "_count": true,
    ])
    #expect(having == [["role": "clinician", "_count": 1]])
  }

  static let refused: [Document] = [
    ["by": []], ["by": ["nick"]], ["by": ["role"], "take": 1],
    ["by": ["role"], "_sum": ["email": true]],
    ["by": ["role"], "orderBy": ["age": "asc"]],
  ]

  @Test(arguments: refused) func refuses(_ arguments: Document) async throws {
    let db = try await Clinic.client()
    let error = await #expect(throws: PrivataError.self) { try await db["User"].groupBy(arguments) }
    #expect(error?.prisma?.code == "ValidationError")
  }
}
