// swift-tools-version: 6.2
import CompilerPluginSupport
import PackageDescription

// One list of targets, one loop for settings. An arrow in a target's `needs` is "may import".
// PRIVATA_ONLY=PrivataSQLiteTests,PrivataCoreTests prunes the graph to what the named targets need,
// so that work on one driver builds neither swift-syntax nor the other drivers.

enum Kind { case library, test, system(pkgConfig: String?, apt: String?), executable, macro }

struct Part {
  var name: String
  var kind: Kind = .library
  var path: String?
  var needs: [String] = []
  var products: [(name: String, package: String)] = []
  var resources: [Resource] = []
  var exclude: [String] = []
}

let crypto = [(name: "Crypto", package: "swift-crypto")]
let log = [(name: "Logging", package: "swift-log")]
let arguments = [(name: "ArgumentParser", package: "swift-argument-parser")]
let syntax = [
  (name: "SwiftSyntaxMacros", package: "swift-syntax"),
  (name: "SwiftCompilerPlugin", package: "swift-syntax"),
]

let parts: [Part] = [
  Part(name: "CSQLite", kind: .system(pkgConfig: "sqlite3", apt: "libsqlite3-dev")),
  Part(name: "CPostgres", kind: .system(pkgConfig: "libpq", apt: "libpq-dev")),
  Part(name: "CMongo", kind: .system(pkgConfig: "libmongoc-1.0", apt: "libmongoc-dev")),
  Part(name: "CPKCS11", kind: .system(pkgConfig: nil, apt: nil)),
  Part(name: "PrivataCore"),
  Part(name: "PrivataSQL", needs: ["PrivataCore"]),
  Part(name: "PrivataSQLite", needs: ["PrivataCore", "PrivataSQL", "CSQLite"]),
  Part(name: "PrivataPostgres", needs: ["PrivataCore", "PrivataSQL", "CPostgres"]),
  Part(name: "PrivataMongo", needs: ["PrivataCore", "CMongo"]),
  Part(name: "PrivataCompliance", needs: ["PrivataCore"], products: crypto + log),
  Part(name: "MongoStyle", needs: ["PrivataCore", "PrivataCompliance"]),
  Part(name: "PrismaStyle", needs: ["PrivataCore", "PrivataCompliance", "PrivataSQL"]),
  Part(name: "DrizzleStyle", needs: ["PrivataCore", "PrivataCompliance", "PrivataSQL"]),
  Part(name: "PrivataMacros", kind: .macro, products: syntax),
  Part(name: "Privata", needs: ["PrivataCore", "PrivataCompliance", "PrivataMacros"]),
  Part(name: "PrivataKeyService", needs: ["PrivataCore", "PrivataCompliance"]),
  Part(name: "PrivataPKCS11", needs: ["PrivataCore", "PrivataCompliance", "CPKCS11"]),
  Part(name: "PrivataTesting", needs: ["PrivataCore", "PrivataCompliance"]),
  Part(
    name: "PrivataCommands",
    needs: [
      "PrivataCore", "PrivataCompliance", "PrivataSQLite", "PrivataPostgres", "PrivataMongo",
    ], products: arguments),
  Part(
    name: "PrivataTool", kind: .executable, needs: ["PrivataCommands"], products: arguments),
  Part(
    name: "BSONCorpus", kind: .executable, path: "Compat/BSON", needs: ["PrivataCore"],
    exclude: ["Cases"]),
  Part(
    name: "TestSupport", path: "Tests/Support",
    needs: ["PrivataCore", "PrivataCompliance", "PrivataTesting"]),
  Part(
    name: "PatientImport", path: "Examples/Support/PatientImport", needs: ["PrivataCore"],
    resources: [.embedInCode("Sample")]),
  Part(name: "PatientImportTests", kind: .test, needs: ["PatientImport", "PrivataCore"]),

  Part(name: "ReplayKit", path: "Compat/ReplayKit", needs: ["PrivataCore"]),
  Part(
    name: "ReplayPrisma", kind: .executable, path: "Compat/ReplayPrisma",
    needs: [
      "PrivataCore", "PrismaStyle", "PrivataSQLite", "PrivataPostgres", "PrivataMongo", "ReplayKit",
    ]),
  Part(
    name: "ReplayDrizzle", kind: .executable, path: "Compat/ReplayDrizzle",
    needs: [
      "PrivataCore", "PrivataSQL", "DrizzleStyle", "PrivataSQLite", "PrivataPostgres", "ReplayKit",
    ]),

  Part(
    name: "ReplayMongoose", kind: .executable, path: "Compat/ReplayMongoose",
    needs: [
      "PrivataCore", "PrivataSQL", "MongoStyle", "PrivataSQLite", "PrivataPostgres",
      "PrivataMongo", "ReplayKit",
    ]),

  Part(
    name: "PrivataCoreTests", kind: .test, needs: ["PrivataCore", "BSONCorpus"],
    // Read from the source folder, like the other recorded cases.
    exclude: ["Engine/Recorded"]),
  Part(name: "CompatTests", kind: .test, needs: ["PrivataCore"]),
  Part(
    name: "PrivataTests", kind: .test,
    needs: [
      "Privata", "MongoStyle", "PrismaStyle", "DrizzleStyle", "PrivataSQLite", "PrivataPostgres",
      "PrivataMongo",
    ]),
  Part(
    name: "IntegrationTests", kind: .test,
    needs: [
      "PrivataCore", "PrivataCompliance", "PrivataSQL", "PrivataSQLite", "PrivataPostgres",
      "PrivataMongo", "MongoStyle", "PrivataTesting", "PatientImport", "TestSupport",
      "TestPlaces", "RawMongoClient",
    ]),
  Part(name: "PrivataSQLTests", kind: .test, needs: ["PrivataCore", "PrivataSQL"]),
  Part(
    name: "PrivataSQLiteTests", kind: .test,
    needs: [
      "PrivataCore", "PrivataSQL", "PrivataSQLite", "PrivataTesting", "CSQLite",
      "SQLiteWriterProgram",
    ]),
  Part(
    name: "SQLiteWriterProgram", kind: .executable, path: "Tests/SQLiteWriterProgram",
    needs: ["PrivataCore", "PrivataSQLite"]),
  Part(
    name: "PrivataPostgresTests", kind: .test,
    needs: ["PrivataCore", "PrivataSQL", "PrivataPostgres", "PrivataTesting"]),
  Part(
    name: "PrivataMongoTests", kind: .test,
    needs: ["PrivataCore", "PrivataMongo", "PrivataTesting"]),
  Part(
    name: "ComplianceGuideTests", kind: .test,
    needs: ["PrivataCore", "PrivataCompliance", "MongoStyle", "PrivataSQLite"]),
  Part(
    name: "PrivataComplianceTests", kind: .test,
    needs: [
      "PrivataCore", "PrivataCompliance", "PrivataKeyService", "PrivataTesting", "PrivataSQLite",
      "TestSupport",
    ], products: crypto),
  Part(
    name: "PrivataPKCS11Tests", kind: .test,
    needs: [
      "PrivataCore", "PrivataCompliance", "PrivataPKCS11", "PrivataTesting", "CPKCS11",
    ]),
  Part(
    name: "SeparationTests", kind: .test,
    needs: [
      "PrivataCore", "PrivataCompliance", "PrivataTesting", "PrivataSQLite", "PrivataPostgres",
      "PrivataMongo", "TestSupport", "TestPlaces", "KillPointProgram", "RawMongoClient",
    ]),
  Part(
    name: "TrailTests", kind: .test,
    needs: [
      "PrivataCore", "PrivataCompliance", "PrivataSQLite", "PrivataPostgres", "TestSupport",
      "TestPlaces", "KillPointProgram", "RawMongoClient", "PrivataTool", "PrivataCommands",
    ], products: arguments),
  Part(
    name: "TestPlaces", path: "Tests/Places",
    needs: [
      "PrivataCore", "PrivataCompliance", "PrivataSQLite", "PrivataPostgres", "PrivataMongo",
    ]),
  Part(
    name: "RawMongoClient", kind: .executable, path: "Tests/RawMongoClient", needs: ["CMongo"]),
  Part(
    name: "KillPointProgram", kind: .executable, path: "Tests/KillPointProgram",
    needs: ["PrivataCore", "PrivataCompliance", "PrivataSQLite", "TestSupport", "TestPlaces"]),
  Part(
    name: "CursorProgram", kind: .executable, path: "Tests/CursorProgram",
    needs: ["PrivataCore", "MongoStyle", "PrivataSQLite", "PrivataPostgres", "PrivataMongo"]),
  Part(
    name: "PrivataTestingTests", kind: .test, needs: ["PrivataCore", "PrivataTesting"]),
  Part(
    name: "MongoStyleTests", kind: .test,
    needs: [
      "PrivataCore", "PrivataCompliance", "MongoStyle", "PrivataTesting", "PrivataSQL",
      "PrivataSQLite", "PrivataPostgres", "PrivataMongo", "CursorProgram",
    ]),
  Part(
    name: "PrismaStyleTests", kind: .test,
    needs: [
      "PrivataCore", "PrivataCompliance", "PrismaStyle", "PrivataTesting", "PrivataSQLite",
    ]),
  Part(
    name: "DrizzleStyleTests", kind: .test,
    needs: [
      "PrivataCore", "PrivataSQL", "PrivataCompliance", "DrizzleStyle", "PrivataTesting",
      "PrivataSQLite", "PrivataPostgres",
    ]),
]

// MARK: - From the list to the package

let byName = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0) })

func closure(of names: [String]) -> Set<String> {
  var reached: Set<String> = []
  var waiting = names
  while let name = waiting.popLast() {
    guard reached.insert(name).inserted, let part = byName[name] else { continue }
    waiting += part.needs
  }
  return reached
}

let only = Context.environment["PRIVATA_ONLY"].map { $0.split(separator: ",").map(String.init) }
let wanted = only.map { closure(of: $0) }
let chosen = parts.filter { wanted?.contains($0.name) ?? true }

// PRIVATA_STRICT=1 (CI, `make test`) turns warnings into errors; a user's build breaks on none.
let strict = Context.environment["PRIVATA_STRICT"] == "1"

let strictSettings: [SwiftSetting] = strict ? [.treatAllWarnings(as: .error)] : []
let settings =
  strictSettings + [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableExperimentalFeature("Lifetimes"),
  ]

func target(_ part: Part) -> Target {
  let dependencies: [Target.Dependency] =
    part.needs.map { .target(name: $0) }
    + part.products.map { .product(name: $0.name, package: $0.package) }
  switch part.kind {
  case .system(let pkgConfig, let apt):
    return .systemLibrary(
      name: part.name, path: part.path ?? "Sources/\(part.name)", pkgConfig: pkgConfig,
      providers: apt.map { [.apt([$0])] })
  case .library:
    return .target(
      name: part.name, dependencies: dependencies, path: part.path ?? "Sources/\(part.name)",
      exclude: part.exclude, resources: part.resources, swiftSettings: settings)
  case .executable:
    return .executableTarget(
      name: part.name, dependencies: dependencies, path: part.path ?? "Sources/\(part.name)",
      exclude: part.exclude, resources: part.resources, swiftSettings: settings)
  case .test:
    return .testTarget(
      name: part.name, dependencies: dependencies, path: part.path ?? "Tests/\(part.name)",
      exclude: part.exclude, resources: part.resources, swiftSettings: settings)
  case .macro:
    return .macro(
      name: part.name, dependencies: dependencies, path: part.path ?? "Sources/\(part.name)",
      swiftSettings: settings)
  }
}

let libraries = [
  "PrivataCore", "PrivataSQL", "PrivataSQLite", "PrivataPostgres", "PrivataMongo",
  "PrivataCompliance", "PrivataKeyService", "PrivataPKCS11", "MongoStyle", "PrismaStyle",
  "DrizzleStyle", "Privata", "PrivataTesting", "PatientImport", "PrivataCommands",
]

// The tool's name differs from its target's: a file system may take `privata` for `Privata`.
let tools = [(name: "privata", target: "PrivataTool")]

let packages: [(name: String, dependency: Package.Dependency)] = [
  (
    "swift-argument-parser",
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ),
  ("swift-crypto", .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0")),
  ("swift-log", .package(url: "https://github.com/apple/swift-log", from: "1.6.0")),
  ("swift-syntax", .package(url: "https://github.com/swiftlang/swift-syntax", from: "603.0.0")),
]
let used = Set(chosen.flatMap { $0.products.map(\.package) })

let package = Package(
  name: "privata",
  platforms: [.macOS(.v26)],
  products: libraries.filter { name in chosen.contains { $0.name == name } }
    .map { .library(name: $0, targets: [$0]) }
    + tools.filter { tool in chosen.contains { $0.name == tool.target } }
    .map { .executable(name: $0.name, targets: [$0.target]) },
  dependencies: packages.filter { used.contains($0.name) }.map(\.dependency),
  targets: chosen.map(target),
  swiftLanguageModes: [.v6]
)
