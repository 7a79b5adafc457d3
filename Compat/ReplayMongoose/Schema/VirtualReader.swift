import MongoStyle
import PrivataCore
import ReplayKit

/// Reads setters and populations of virtuals.
enum VirtualReader {
  /// `{"splitInto": [paths], "by": separator}` or `{"assign": path}`.
  static func setter(
    _ json: JSON
  ) -> (@Sendable (Value, MongoDocument) throws -> Void)? {
    if let path = json["assign"]?.string {
      return { value, document in try document.set(path, value) }
    }
    guard let paths = json["splitInto"]?.strings else { return nil }
    let separator = json["by"]?.string ?? " "
    return { value, document in
      let parts = (value.asString ?? "").split(
        separator: separator, omittingEmptySubsequences: false)
      for (index, path) in paths.enumerated() {
        try document.set(
          path, parts.indices.contains(index) ? .string(String(parts[index])) : .undefined)
      }
    }
  }

  static func population(_ json: JSON) throws -> VirtualPopulation {
    var population = VirtualPopulation(
      ref: json["ref"]?.string ?? "", localField: json["localField"]?.string ?? "",
      foreignField: json["foreignField"]?.string ?? "",
      justOne: json["justOne"]?.isTrue ?? false, count: json["count"]?.isTrue ?? false)
    if let match = json["match"] {
      population.match = .filter(try ArgumentReader().document(match))
    }
    if let options = json["options"] {
      let options = try ArgumentReader().document(options)
      let requests = PopulateRequest.parse(["path": "virtual", "options": .document(options)])
      population.options = requests.first?.options ?? population.options
    }
    return population
  }
}
