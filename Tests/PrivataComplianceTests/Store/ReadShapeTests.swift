import PrivataCore
import TestSupport
import Testing

@testable import PrivataCompliance

/// Reads of one shape share what follows from it, and nothing that came from another's values.
@Suite struct ReadShapeTests {
  private let models = ClinicModels()

  private func separation(_ model: ModelSchema) throws -> Separation {
    let registry = SeparationRegistry(names: PhysicalNames(clinicalSuffix: "", usesIDKey: false))
    registry.register(models.all)
    return try registry.separation(of: model)
  }

  static let sharing: [(Filter, Filter)] = [
    (.compare("id", .equal, 1), .compare("id", .equal, "x")),
    (.isIn("grade", [1, 2, 3]), .isIn("grade", [9])), (.isIn("blood", []), .isIn("blood", ["A"])),
    (
      .and([.compare("id", .greater, 1), .compare("grade", .equal, 2)]),
      .and([.compare("id", .greater, 7), .compare("grade", .equal, 8)])
    ),
    (.document(["blood": "A"]), .document(["blood": "B"])), (.isNull("dose"), .isNull("dose")),
  ]

  @Test(arguments: sharing) func aShapeServesAllValues(_ pair: (Filter, Filter)) throws {
    let separation = try separation(models.staff)
    let first = separation.shapes.shape(
      of: Query(models.staff, where: pair.0, layout: .cells), separation)
    let query = Query(models.staff, where: pair.1, layout: .cells)
    let second = separation.shapes.shape(of: query, separation)
    #expect(first === second)
    let (needs, fresh) = (second.needs(of: query), ReadNeeds(query, in: separation))
    #expect(needs.filter.identity == fresh.filter.identity)
    #expect(needs.filter.clinical == fresh.filter.clinical)
    #expect(needs.filter.residual == fresh.filter.residual)
    #expect(second.half == fresh.half(in: separation))
    #expect(second.scope.encoded == AuditScope(query, separation).encoded)
  }

  static let different: [@Sendable (Query) -> Query] = [
    { query in
      var query = query
      query.filter = .compare("id", .less, 1)
      return query
    },
    { query in
      var query = query
      query.filter = .compare("dose", .equal, 1)
      return query
    },
    { query in
      var query = query
      query.projection = .fields(["name"])
      return query
    },
    { query in
      var query = query
      query.sort = [SortKey("dose")]
      return query
    },
    { query in
      var query = query
      query.answer = .count
      return query
    },
    { query in
      var query = query
      query.layout = .documents
      return query
    },
  ]

  @Test(arguments: different.indices) func whatDiffersInMoreIsAnotherShape(_ index: Int) throws {
    let separation = try separation(models.staff)
    let query = Query(models.staff, where: .compare("id", .equal, 1), layout: .cells)
    let other = Self.different[index](query)
    let first = separation.shapes.shape(of: query, separation)
    let second = separation.shapes.shape(of: other, separation)
    #expect(first !== second)
    #expect(second.half == ReadNeeds(other, in: separation).half(in: separation))
    #expect(second.scope.encoded == AuditScope(other, separation).encoded)
  }

  @Test func filtersWhoseShapeLiesInTheirValuesAreNotKept() throws {
    let separation = try separation(models.patient)
    for filter in [
      ["name": ["$gt": "A"]], ["$or": [["name": "A"], ["ward": "B"]]], ["notes": [1]],
      ["$expr": ["$gt": ["$level", 1]]],
    ] as [Document] {
      let query = Query(models.patient, where: .document(filter))
      _ = separation.shapes.shape(of: query, separation)
      #expect(separation.shapes.count == 0)
    }
    let slice = Query(models.patient, projection: .document(["notes": ["$slice": 1]]))
    _ = separation.shapes.shape(of: slice, separation)
    #expect(separation.shapes.count == 0)
  }

  @Test func aProgramThatMakesUpShapesKeepsNoMoreThanTheLimit() throws {
    let separation = try separation(models.staff)
    let shapes = ReadShapes(limit: 8)
    for index in 0..<100 {
      _ = shapes.shape(
        of: Query(models.staff, projection: .fields(["f\(index)"]), layout: .cells), separation)
      #expect(shapes.count <= 8)
    }
  }

  @Test func manyTasksFindTheSameShapes() async throws {
    let separation = try separation(models.staff)
    let names = ["id", "name", "grade", "since", "vaccinated", "blood", "dose"]
    await withTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask { [models] in
          (0..<2_000).allSatisfy { turn in
            let name = names[(turn + task) % names.count]
            let query = Query(
              models.staff, where: .compare(name, .equal, .int32(Int32(turn))), layout: .cells)
            let shape = separation.shapes.shape(of: query, separation)
            return shape.scope.encoded == AuditScope(query, separation).encoded
              && shape.needs(of: query).filter.halves
                == ReadNeeds(query, in: separation).filter.halves
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
    #expect(separation.shapes.count >= names.count)
  }
}
