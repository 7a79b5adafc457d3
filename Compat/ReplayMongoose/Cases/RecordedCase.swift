import MongoStyle
import PrivataCore
import ReplayKit

/// One recorded case, with the library's models and seeds filled in.
struct RecordedCase {
  let json: JSON
  let models: [(name: String, json: JSON)]
  private let seedLists: [(collection: String, json: JSON)]

  var id: String { json["id"]?.string ?? "?" }
  var needs: [String] { json["needs"]?.strings ?? [] }
  var after: [JSON.Member] { json["after"]?.members ?? [] }
  var marksMaps: Bool { json["exactMaps"]?.isTrue ?? false }
  var ignored: Set<String> { Set(json["ignore"]?.strings ?? []) }

  init(_ json: JSON, library: JSON?) {
    self.json = json
    func resolved(_ json: JSON, _ kind: String) -> JSON {
      guard let name = json.string, name.hasPrefix("@") else { return json }
      return library?[kind]?[String(name.dropFirst())] ?? json
    }
    models = (json["models"]?.members ?? []).map { ($0.key, resolved($0.value, "models")) }
    seedLists = (json["seed"]?.members ?? []).map { ($0.key, resolved($0.value, "seeds")) }
  }

  /// A member of what is expected.
  func expected(of name: String) -> JSON? { json["expect"]?[name] }

  /// The seeded documents, exactly as they are recorded.
  func seeds() throws -> [(collection: String, documents: [Document])] {
    try seedLists.map { name, json in
      (
        name,
        try (json.elements ?? []).map { try TypedJSON.document($0.members ?? []) }
      )
    }
  }

  /// What a collection holds afterwards.
  func expected(_ collection: String) -> JSON? {
    after.first { $0.key == collection }?.value
      ?? seedLists.first { $0.collection == collection }?.json
  }

  /// Mongoose's defaults with the case's settings.
  func profile() throws -> Profile {
    var profile = Profile.mongoose
    profile.preparesModels = false
    for member in json["settings"]?.members ?? [] {
      let isOn = member.value.isTrue
      switch member.key {
      case "strictQuery":
        profile.strictQuery =
          member.value.string == "throw" ? .throw : isOn ? .drop : .keep
      case "sanitizeFilter": profile.sanitizeFilter = isOn
      case "runValidators": profile.runValidators = isOn
      case "translateAliases": profile.translateAliases = isOn
      default: throw ReplayFailure("no setting '\(member.key)'")
      }
    }
    return profile
  }
}
