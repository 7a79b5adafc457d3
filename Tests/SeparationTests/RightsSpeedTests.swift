import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import Testing

/// The rights of a person with a thousand clinical rows. `make bench SUITE=rights` measures them in a
/// release build; this finds what grows with the square of the rows, on a busy machine too.
@Suite(.serialized) struct RightsSpeedTests {
  static let person = ModelSchema(
    name: "RightsPerson", collection: "rights_persons",
    fields: [
      FieldSchema("_id", .int64, isOptional: false), FieldSchema("name", .string, privacy: .pii),
      FieldSchema("diagnosis", .string, privacy: .phi),
    ])
  static let visit = ModelSchema(
    name: "RightsVisit", collection: "rights_visits",
    fields: [
      FieldSchema("_id", .int64, isOptional: false),
      FieldSchema("person", .int64, isIndexed: true, reference: Reference("RightsPerson")),
      FieldSchema("summary", .string, privacy: .phi),
    ])

  @Test(arguments: Pair.same)
  func aLongHistoryIsNoBurden(_ pair: Pair) async throws {
    try await pair.withVault { vault, _ in
      vault.register([Self.person, Self.visit])
      try await vault.store.prepare([Self.person, Self.visit])
      for person in 1...3 { try await fill(Int64(person), vault.store) }
      let gdpr = vault.gdpr(for: Self.person)
      let bound = pair.identity == .mongo ? 1_000.0 : 500.0
      var reports: [Double] = []
      var erasures: [Double] = []
      for person in 1...3 {
        reports.append(
          try await milliseconds {
            let report = try await gdpr.rightToAccess(Int64(person))
            #expect(report.records.last?.records.count == 1_000)
          })
      }
      for person in 1...3 {
        erasures.append(
          try await milliseconds {
            let proof = try await gdpr.rightToErasure(
              Int64(person),
              .init(requestedBy: Value.string("office"), reason: "r", legalBasis: .article17))
            #expect(proof.clinicalPreserved)
          })
      }
      print("rights \(pair): access \(reports.map(Int.init)), erasure \(erasures.map(Int.init)) ms")
      // Without optimisation, beside other work.
      #expect((reports.min() ?? 0) < 4 * 1_000)
      #expect((erasures.min() ?? 0) < 4 * bound)
    }
  }

  private func milliseconds(_ body: () async throws -> Void) async throws -> Double {
    let start = ContinuousClock.now
    try await body()
    let time = start.duration(to: .now).components
    return Double(time.seconds) * 1_000 + Double(time.attoseconds) / 1e15
  }

  private func fill(_ person: Int64, _ store: any Store) async throws {
    let record: Document = [
      "_id": .int64(person), "name": .string("name \(person)"), "diagnosis": "J45",
    ]
    _ = try await store.write(.insert(Insert(Self.person, .documents([record]))))
    let visits = (0..<Int64(1_000)).map { number -> Document in
      [
        "_id": .int64(person * 100_000 + number), "person": .int64(person),
        "summary": .string("a summary of some length, number \(number)"),
      ]
    }
    let outcome = try await store.write(.insert(Insert(Self.visit, .documents(visits))))
    #expect(outcome.failures.isEmpty)
  }
}
