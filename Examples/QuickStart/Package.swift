// swift-tools-version: 6.2
import PackageDescription

// The main job on embedded SQLite: no server, no macros. `make demo` builds and runs it.
let package = Package(
  name: "QuickStart",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "privata", path: "../..")],
  targets: [
    .executableTarget(
      name: "QuickStart",
      dependencies: [
        .product(name: "MongoStyle", package: "privata"),
        .product(name: "PatientImport", package: "privata"),
        .product(name: "PrivataCompliance", package: "privata"),
        .product(name: "PrivataCore", package: "privata"),
        .product(name: "PrivataSQL", package: "privata"),
        .product(name: "PrivataSQLite", package: "privata"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
