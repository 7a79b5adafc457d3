// swift-tools-version: 6.2
import PackageDescription

// The overhead benchmark: raw driver calls and Privata, interleaved in one process.
let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "privata", path: "..")],
  targets: [
    .systemLibrary(name: "CRawSQLite", pkgConfig: "sqlite3"),
    .systemLibrary(name: "CRawPostgres", pkgConfig: "libpq"),
    .systemLibrary(name: "CRawMongo", pkgConfig: "libmongoc-1.0"),
    .executableTarget(
      name: "Bench",
      dependencies: [
        "CRawSQLite", "CRawPostgres", "CRawMongo",
        .product(name: "PrivataCore", package: "privata"),
        .product(name: "PrivataSQLite", package: "privata"),
        .product(name: "PrivataPostgres", package: "privata"),
        .product(name: "PrivataMongo", package: "privata"),
        .product(name: "PrivataCompliance", package: "privata"),
        .product(name: "PrismaStyle", package: "privata"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
