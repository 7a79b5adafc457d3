import MongoStyle
import PrivataCore
import Testing

@Suite struct ConcurrencyTests {
  private func two(_ options: SchemaOptions) async throws -> (MongoDocument, MongoDocument) {
    let model = try memory().model(
      "Thing", Schema(["n": .number, "status": .string, "tags": [.string]], options: options))
    let id = try await model.create(["n": 1, "status": "a", "tags": ["x", "y"]])._id
    return (
      try await model.findById(id).orFail().exec(), try await model.findById(id).orFail().exec()
    )
  }

  @Test(
    arguments: [
      (OptimisticConcurrency.off, "n", false), (.on, "n", true), (.only(["status"]), "n", false),
      (.only(["status"]), "status", true), (.except(["n"]), "n", false),
      (.except(["n"]), "status", true),
    ])
  func scalars(_ mode: OptimisticConcurrency, _ path: String, _ conflicts: Bool) async throws {
    let (one, two) = try await two(SchemaOptions { $0.optimisticConcurrency = mode })
    one[path] = path == "n" ? 2 : "b"
    try await one.save()
    two[path] = path == "n" ? 3 : "c"
    let error = await thrown { try await two.save() }
    #expect((error?.mongoName == "VersionError") == conflicts)
    if conflicts {
      #expect(error?.privataCode == .versionConflict)
      #expect(error?.style(VersionError.self)?.modifiedPaths == [path])
    }
  }

  @Test func unchangedSavesAreChecked() async throws {
    let (one, two) = try await two(SchemaOptions { $0.optimisticConcurrency = .on })
    one["n"] = 2
    try await one.save()
    #expect(await thrown { try await two.save() }?.mongoName == "VersionError")
  }

  @Test func positionsAreGuarded() async throws {
    let (one, two) = try await two(SchemaOptions())
    try one.array("tags").pull("x")
    try await one.save()
    try two.array("tags").set(1, "z")
    #expect(await thrown { try await two.save() }?.mongoName == "VersionError")
  }

  @Test func appendingNeverConflicts() async throws {
    let (one, two) = try await two(SchemaOptions())
    try one.array("tags").push("a")
    try await one.save()
    try two.array("tags").push("b")
    try await two.save()
    let stored = try await two.model?.findById(two._id).exec()
    #expect(stored?["tags"] == ["x", "y", "a", "b"])
    #expect(stored?["__v"] == 2)
  }

  @Test func skippedPathsAndOtherKeys() async throws {
    let (one, _) = try await two(SchemaOptions { $0.skipVersioning = ["tags"] })
    try one.array("tags").push("a")
    #expect(try one.pendingUpdate()["$inc"] == nil)
    let (renamed, _) = try await two(SchemaOptions { $0.versionKey = "rev" })
    try renamed.array("tags").push("a")
    #expect(try renamed.pendingUpdate()["$inc"] == ["rev": 1])
    let (none, _) = try await two(SchemaOptions { $0.versionKey = nil })
    try none.set("tags", ["a"])
    #expect(try none.pendingUpdate() == ["$set": ["tags": ["a"]]])
  }

  @Test func updatesLeaveTheVersionAlone() async throws {
    let (one, two) = try await two(SchemaOptions { $0.optimisticConcurrency = .on })
    try await one.updateOne(["n": 8]).exec()
    two["n"] = 9
    try await two.save()
    #expect(two["__v"] == 1)
  }
}
