import BenchKit
import Foundation
import PrivataCompliance
import PrivataCore

/// How long the rights of a person with a long history take: no comparison with a raw driver, which
/// has none of them, but a bound in milliseconds.
struct RightsSuite {
  let place: Place
  let folder: String
  /// Clinical rows of each person.
  static let rows = 1_000
  static let people = 9

  /// One right with its bound.
  struct Bound {
    let name: String
    let milliseconds: Double
  }

  private var erasure: Bound {
    Bound(name: "erasure, clinical rows kept", milliseconds: place.name == "mongo" ? 1_000 : 500)
  }
  private var deletion: Bound {
    Bound(name: "erasure, clinical rows deleted", milliseconds: erasure.milliseconds)
  }
  private let access = Bound(name: "access report", milliseconds: 1_000)

  static let person = ModelSchema(
    name: "RightsPerson", collection: "rights_persons",
    fields: [
      FieldSchema("_id", .int64, isOptional: false), FieldSchema("name", .string, privacy: .pii),
      FieldSchema("email", .string, isUnique: true, privacy: .pii),
      FieldSchema("diagnosis", .string, privacy: .phi),
    ])
  static let visit = ModelSchema(
    name: "RightsVisit", collection: "rights_visits",
    fields: [
      FieldSchema("_id", .int64, isOptional: false),
      FieldSchema("person", .int64, isIndexed: true, reference: Reference("RightsPerson")),
      FieldSchema("at", .date), FieldSchema("summary", .string, privacy: .phi),
    ])

  /// Measures each right on persons of their own and prints the median with its bound.
  ///
  /// - Throws: `RawFailure` where a bound is missed.
  func run() async throws {
    let models = [Self.visit, Self.person]
    var options = VaultOptions()
    options.journal.directory = "\(folder)/journal-\(place.name)-rights"
    let vault = try await Vault(
      identity: .store(try await place.store("identity_rights", dropping: [])),
      clinical: .store(try await place.store("clinical_rights", dropping: [])), options: options)
    try? await (vault.store as? any AdministrableStore)?.drop(models)
    vault.register([Self.person, Self.visit])
    try await vault.store.prepare([Self.person, Self.visit])
    for person in 0..<Int64(3 * Self.people) { try await fill(person, vault.store) }
    let gdpr = vault.gdpr(for: Self.person)
    var missed: [String] = []
    missed += try await measure(access, 0) { _ = try await gdpr.rightToAccess($0) }
    missed += try await measure(erasure, 1) { person in
      let proof = try await gdpr.rightToErasure(person, Self.request(nil))
      guard proof.clinicalPreserved else { throw RawFailure(message: "nothing was kept") }
    }
    missed += try await measure(deletion, 2) { person in
      _ = try await gdpr.rightToErasure(person, Self.request(.erase))
    }
    await vault.close()
    guard missed.isEmpty else { throw RawFailure(message: missed.joined(separator: "; ")) }
  }

  private static func request(_ clinical: ClinicalDisposition?) -> ErasureRequest {
    ErasureRequest(
      requestedBy: Value.string("bench"), reason: "bench", legalBasis: .article17,
      clinical: clinical)
  }

  private func measure(
    _ bound: Bound, _ part: Int, _ body: (Int64) async throws -> Void
  ) async throws -> [String] {
    var times: [Double] = []
    for number in 0..<Self.people {
      let start = ContinuousClock.now
      try await body(Int64(part * Self.people + number))
      let time = start.duration(to: .now).components
      times.append(Double(time.seconds) * 1_000 + Double(time.attoseconds) / 1e15)
    }
    // The first one opens connections and makes tables: it has to keep the bound as well.
    let first = times[0]
    times.sort()
    let line = String(
      format:
        "rights.%@  %@ of a person with %d clinical rows: %.0f ms (%.0f to %.0f, first %.0f), "
        + "bound %.0f ms", place.name, bound.name, Self.rows, times[Self.people / 2], times[0],
      times[Self.people - 1], first, bound.milliseconds)
    print(line)
    fflush(nil)
    return max(first, times[Self.people / 2]) < bound.milliseconds ? [] : [line]
  }

  private func fill(_ person: Int64, _ store: any Store) async throws {
    let record: Document = [
      "_id": .int64(person), "name": .string("name \(person)"),
      "email": .string("\(person)@example.org"), "diagnosis": "J45",
    ]
    _ = try await store.write(.insert(Insert(Self.person, .documents([record]))))
    let visits = (0..<Int64(Self.rows)).map { number -> Document in
      [
        "_id": .int64(person * 100_000 + number), "person": .int64(person),
        "at": .date(DateTime(milliseconds: 1_700_000_000_000 + number)),
        "summary": .string("a summary of some length, number \(number)"),
      ]
    }
    _ = try await store.write(.insert(Insert(Self.visit, .documents(visits))))
  }
}
