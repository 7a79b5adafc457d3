import DrizzleStyle
import Foundation
import MongoStyle
import PrismaStyle
import Privata
import PrivataSQLite
import Testing

/// A field that may not be read is not probed either, in none of the styles.
@Suite struct StyleProbeTests {
  private typealias Attempt = (name: String, run: () async throws -> Void)

  /// A vault in which the reception sees all of a patient but the diagnosis.
  private func vault() async throws -> Vault {
    var options = VaultOptions()
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("style-probe-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    options.journal.directory = folder.path
    var policy = FieldPolicy()
    policy.allow(
      role: "reception", purpose: "operations", on: "Patient", fields: ["email"])
    options.fieldPolicy = policy
    let vault = try await Vault(
      identity: .sqlite(":memory:"), clinical: .sqlite(":memory:"), options: options)
    try await vault.model(Patient.self).insertMany([
      Patient(id: "p1", email: "ada@example.org", diagnosis: "asthma", ward: "north", age: 36)
    ])
    return vault
  }

  private func reception(_ vault: Vault) -> Vault {
    vault.acting(
      as: .init(actor: .user("r-1"), role: "reception", purpose: "operations"))
  }

  /// Conditions that ask about the diagnosis, alone and among others.
  private static let conditions: [Condition<Patient>] = [
    \.diagnosis == "asthma", \.diagnosis != "asthma", \.diagnosis > "a", \.diagnosis >= "a",
    \.diagnosis < "z", \.diagnosis <= "z", \.ward == "north" && \.diagnosis == "asthma",
    \.ward == "none" || \.diagnosis == "asthma",
    \.ward == "north" && (\.age > 1 || \.diagnosis != "flu"),
  ]

  /// The same in DrizzleStyle's own operators.
  private static var expressions: [SQL] {
    let users = Patient.table
    return [
      eq(users.diagnosis, "asthma"), ne(users.diagnosis, "flu"), isNull(users.diagnosis),
      isNotNull(users.diagnosis),
      inArray(users.diagnosis, ["asthma", "flu"]), not(eq(users.diagnosis, "flu")),
      or(eq(users.ward, "none"), eq(users.diagnosis, "asthma")),
    ]
  }

  private func refused(_ attempts: [Attempt]) async {
    for (name, run) in attempts {
      let error = await #expect(throws: PrivataError.self, "\(name)") { try await run() }
      #expect(error?.code == .accessDenied && error?.fields == ["diagnosis"], "\(name)")
    }
  }

  @Test func mongoStyle() async throws {
    let vault = try await vault()
    let User = try reception(vault).model(Patient.self)
    for (number, condition) in Self.conditions.enumerated() {
      await refused([
        ("find \(number)", { _ = try await User.find(condition).select(\.id).exec() }),
        ("count \(number)", { _ = try await User.countDocuments(condition).exec() }),
        ("exists \(number)", { _ = try await User.exists(condition).exec() }),
        ("distinct \(number)", { _ = try await User.distinct(\.ward, condition).exec() }),
        ("update \(number)", { _ = try await User.updateMany(condition, .set(\.ward, "x")) }),
        ("delete \(number)", { _ = try await User.deleteMany(condition) }),
      ])
    }
    await refused([
      ("sort", { _ = try await User.find().sort(.asc(\.diagnosis)).select(\.id).exec() }),
      ("distinct", { _ = try await User.distinct(\.diagnosis).exec() }),
      ("select", { _ = try await User.find().select(\.id, \.diagnosis).exec() }),
      ("write", { _ = try await User.updateMany(\.ward == "north", .set(\.diagnosis, "x")) }),
      (
        "document",
        { _ = try await User.find(["diagnosis": ["$in": ["asthma"]]]).select(\.id).exec() }
      ),
      (
        "nested document",
        { _ = try await User.find(["$nor": [["diagnosis": "flu"]]]).select(\.id).exec() }
      ),
    ])
    // What may be asked is answered.
    #expect(try await User.countDocuments(\.ward == "north").exec() == 1)
    #expect(try await User.find(\.email == "ada@example.org").select(\.id).exec() == ["p1"])
    await vault.close()
  }

  @Test func prismaStyle() async throws {
    let vault = try await vault()
    let users = try await PrismaClient.connect(
      reception(vault), try PrismaSchema([]))[Patient.self]
    for (number, condition) in Self.conditions.enumerated() {
      await refused([
        ("findMany \(number)", { _ = try await users.findMany(where: condition, select: \.id) }),
        ("count \(number)", { _ = try await users.count(where: condition) }),
        (
          "updateMany \(number)",
          { _ = try await users.updateMany(where: condition, [.set(\.ward, "x")]) }
        ),
        ("deleteMany \(number)", { _ = try await users.deleteMany(where: condition) }),
      ])
    }
    await refused([
      (
        "orderBy",
        { _ = try await users.findMany(orderBy: [.asc(\.diagnosis)], take: 1, select: \.id) }
      ),
      ("select", { _ = try await users.findMany(select: \.id, \.diagnosis) }),
      ("write", { _ = try await users.updateMany(where: \.age > 1, [.set(\.diagnosis, "x")]) }),
    ])
    #expect(try await users.count(where: \.ward == "north") == 1)
    #expect(try await users.findMany(where: \.age > 30, select: \.id) == ["p1"])
    await vault.close()
  }

  @Test func drizzleStyle() async throws {
    let vault = try await vault()
    let db = DrizzleStyle.connect(reception(vault), Patient.self)
    let users = Patient.table
    for (number, condition) in Self.conditions.enumerated() {
      await refused([
        (
          "select \(number)",
          { _ = try await db.select(users.id).from(users).where(condition).all() }
        ),
        (
          "update \(number)",
          { _ = try await db.update(Patient.self).set { $0.ward = "x" }.where(condition).run() }
        ),
        (
          "delete \(number)",
          { _ = try await db.delete(Patient.self).where(condition).run() }
        ),
      ])
    }
    let expressions = Self.expressions
    for (number, expression) in expressions.enumerated() {
      await refused([
        (
          "where \(number)",
          { _ = try await db.select(users.id).from(users).where(expression).all() }
        )
      ])
    }
    await refused([
      (
        "orderBy",
        { _ = try await db.select(users.id).from(users).orderBy(asc(users.diagnosis)).all() }
      ),
      ("select", { _ = try await db.select(users.id, users.diagnosis).from(users).all() }),
    ])
    #expect(
      try await db.select(users.id).from(users).where(eq(users.ward, "north")).all() == ["p1"])
    await vault.close()
  }
}
