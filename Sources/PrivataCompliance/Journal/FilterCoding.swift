internal import PrivataCore

/// Filters as documents, for the journal, and back.
enum FilterCoding {
  static func encode(_ filter: Filter) -> Document {
    switch filter {
    case .all: ["k": "all"]
    case .none: ["k": "none"]
    case .document(let document): ["k": "document", "d": .document(document)]
    case .compare(let path, let comparison, let value):
      ["k": "compare", "p": .string(path), "o": .string(comparison.rawValue), "v": value]
    case .compareFields(let path, let comparison, let other):
      ["k": "fields", "p": .string(path), "o": .string(comparison.rawValue), "q": .string(other)]
    case .isIn(let path, let values): ["k": "in", "p": .string(path), "v": .array(values)]
    case .isNotIn(let path, let values): ["k": "notIn", "p": .string(path), "v": .array(values)]
    case .isNull(let path): ["k": "null", "p": .string(path)]
    case .isNotNull(let path): ["k": "notNull", "p": .string(path)]
    case .text(let path, let match, let text, let isFolding):
      [
        "k": "text", "p": .string(path), "o": .string("\(match)"), "v": .string(text),
        "i": .bool(isFolding),
      ]
    case .list(let path, let match, let values):
      ["k": "list", "p": .string(path), "o": .string("\(match)"), "v": .array(values)]
    case .and(let parts): ["k": "and", "f": .array(parts.map { .document(encode($0)) })]
    case .or(let parts): ["k": "or", "f": .array(parts.map { .document(encode($0)) })]
    case .not(let inner): ["k": "not", "f": .array([.document(encode(inner))])]
    }
  }

  static var corrupt: PrivataError {
    PrivataError(.corrupt, "an open write in the journal has an impossible form")
  }

  static func decode(_ value: Value?) throws(PrivataError) -> Filter {
    guard let document = value?.asDocument, let kind = document["k"]?.asString else {
      throw corrupt
    }
    let path = document["p"]?.asString ?? ""
    let values = document["v"]?.asArray ?? []
    switch kind {
    case "all": return .all
    case "none": return .none
    case "document": return .document(document["d"]?.asDocument ?? Document())
    case "compare": return .compare(path, try comparison(document), document["v"] ?? .null)
    case "fields":
      return .compareFields(path, try comparison(document), document["q"]?.asString ?? "")
    case "in": return .isIn(path, values)
    case "notIn": return .isNotIn(path, values)
    case "null": return .isNull(path)
    case "notNull": return .isNotNull(path)
    case "text": return try text(path, document)
    case "list": return try list(path, values, document)
    case "and": return .and(try parts(document))
    case "or": return .or(try parts(document))
    case "not":
      guard let inner = try parts(document).first else { throw corrupt }
      return .not(inner)
    default: throw corrupt
    }
  }

  private static func parts(_ document: Document) throws(PrivataError) -> [Filter] {
    var filters: [Filter] = []
    for part in document["f"]?.asArray ?? [] { filters.append(try decode(part)) }
    return filters
  }

  private static func comparison(_ document: Document) throws(PrivataError) -> Filter.Comparison {
    guard let found = document["o"]?.asString.flatMap(Filter.Comparison.init(rawValue:)) else {
      throw corrupt
    }
    return found
  }

  private static func text(_ path: String, _ document: Document) throws(PrivataError) -> Filter {
    let all: [Filter.TextMatch] = [.contains, .startsWith, .endsWith, .like]
    guard let match = all.first(where: { "\($0)" == document["o"]?.asString }),
      let text = document["v"]?.asString
    else { throw corrupt }
    return .text(path, match, text, ignoringCase: document["i"]?.asBool ?? false)
  }

  private static func list(
    _ path: String, _ values: [Value], _ document: Document
  ) throws(PrivataError) -> Filter {
    let all: [Filter.ListMatch] = [.hasEvery, .hasSome, .isEmpty, .isNotEmpty, .equals]
    guard let match = all.first(where: { "\($0)" == document["o"]?.asString }) else {
      throw corrupt
    }
    return .list(path, match, values)
  }
}
