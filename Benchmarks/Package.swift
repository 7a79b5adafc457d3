// swift-tools-version: 6.2
import PackageDescription

// The overhead benchmark: raw driver calls and Privata, interleaved in one process.
// BENCH_KIT_ONLY=1 leaves the harness and its tests, which need neither drivers nor Privata.
// BENCH_GATE=1 leaves the libraries beside Privata out, which the counts do not need.
let kitOnly = Context.environment["BENCH_KIT_ONLY"] == "1"
let hasLibraries = Context.environment["BENCH_GATE"] != "1"

let products = [
  "PrivataCore", "PrivataSQL", "PrivataSQLite", "PrivataPostgres", "PrivataMongo",
  "PrivataCompliance", "MongoStyle", "PrismaStyle", "DrizzleStyle",
]

let kit: [Target] = [
  .target(name: "BenchKit"),
  .testTarget(name: "BenchKitTests", dependencies: ["BenchKit"]),
]

let bench: [Target] = [
  .systemLibrary(name: "CRawSQLite", pkgConfig: "sqlite3"),
  .systemLibrary(name: "CRawPostgres", pkgConfig: "libpq"),
  .systemLibrary(name: "CRawMongo", pkgConfig: "libmongoc-1.0"),
  .target(name: "CMallocCount"),
  .executableTarget(
    name: "Bench",
    dependencies: ["BenchKit", "CRawSQLite", "CRawPostgres", "CRawMongo", "CMallocCount"]
      + products.map { .product(name: $0, package: "privata") }
      + (hasLibraries ? [.product(name: "GRDB", package: "GRDB.swift")] : []),
    exclude: hasLibraries ? [] : ["Libraries", "Suites/LibrariesSuite.swift"],
    swiftSettings: hasLibraries ? [.define("BENCH_LIBRARIES")] : []),
]

// Measured beside Privata by the suite `libraries`.
let libraries: [Package.Dependency] =
  hasLibraries
  ? [.package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0")] : []

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: kitOnly ? [] : [.package(name: "privata", path: "..")] + libraries,
  targets: kit + (kitOnly ? [] : bench),
  swiftLanguageModes: [.v6]
)
