import PrivataCore

/// Typed filters as MongoDB's filter documents.
///
/// The answer is that of SQL: a comparison with a missing or null field is neither true nor false,
/// and `not` of it neither. What differs: a field that holds an array, which a typed model has only
/// for list fields, matches by its elements; text compares by bytes; a comparison between values of
/// different types (a number in a text field) is false rather than an error; regular expressions
/// ignore case by PCRE's rules for Unicode.
struct FilterDocument {
  let naming: FieldNaming

  /// What matches nothing.
  static let nothing: Document = ["_id": ["$in": []]]

  /// The filter as a document.
  func document(_ filter: Filter) -> Document {
    switch filter {
    case .all: [:]
    case .none: Self.nothing
    case .document(let document): naming.filter(document)
    case .compare(let field, let comparison, let value): compare(field, comparison, value)
    case .compareFields(let a, let comparison, let b): compareFields(a, comparison, b)
    case .isIn(let field, let values): isIn(field, values)
    case .isNotIn(let field, let values): isNotIn(field, values)
    case .isNull(let field): [naming.path(field): nil]
    case .isNotNull(let field): [naming.path(field): ["$ne": nil]]
    case .text(let field, let match, let text, let ignoringCase):
      [naming.path(field): .document(pattern(match, text, ignoringCase))]
    case .list(let field, let match, let values): list(field, match, values)
    case .and(let parts): and(parts)
    case .or(let parts): or(parts)
    case .not(let part): not(part)
    }
  }

  private func compare(
    _ field: String, _ comparison: Filter.Comparison, _ value: Value
  ) -> Document {
    // SQL: nothing compares with null.
    if value.isNull { return Self.nothing }
    let path = naming.path(field)
    switch comparison {
    case .equal where value.isPlain: return [path: value]
    case .equal: return [path: ["$eq": value]]
    case .notEqual: return [path: ["$nin": [value, nil]]]
    case .less: return [path: ["$lt": value]]
    case .lessOrEqual: return [path: ["$lte": value]]
    case .greater: return [path: ["$gt": value]]
    case .greaterOrEqual: return [path: ["$gte": value]]
    }
  }

  private func compareFields(
    _ a: String, _ comparison: Filter.Comparison, _ b: String
  ) -> Document {
    let (a, b) = (Value.string("$" + naming.path(a)), Value.string("$" + naming.path(b)))
    let name =
      switch comparison {
      case .equal: "$eq"
      case .notEqual: "$ne"
      case .less: "$lt"
      case .lessOrEqual: "$lte"
      case .greater: "$gt"
      case .greaterOrEqual: "$gte"
      }
    // In expressions missing < null < every value.
    return ["$expr": ["$and": [["$gt": [a, nil]], ["$gt": [b, nil]], [name: [a, b]]]]]
  }

  private func isIn(_ field: String, _ values: [Value]) -> Document {
    let known = values.filter { !$0.isNull }
    return known.isEmpty ? Self.nothing : [naming.path(field): ["$in": .array(known)]]
  }

  private func isNotIn(_ field: String, _ values: [Value]) -> Document {
    // SQL: `x NOT IN (…, NULL)` is never true, `x NOT IN ()` always.
    if values.contains(where: \.isNull) { return Self.nothing }
    if values.isEmpty { return [:] }
    return [naming.path(field): ["$nin": .array(values + [.null])]]
  }

  private func list(_ field: String, _ match: Filter.ListMatch, _ values: [Value]) -> Document {
    let path = naming.path(field)
    switch match {
    case .hasEvery where values.isEmpty: return [path: ["$ne": nil]]
    case .hasEvery: return [path: ["$all": .array(values)]]
    case .hasSome: return [path: ["$in": .array(values)]]
    case .isEmpty: return [path: ["$size": 0]]
    case .isNotEmpty: return [path + ".0": ["$exists": true]]
    case .equals: return [path: ["$eq": .array(values)]]
    }
  }

  private func and(_ parts: [Filter]) -> Document {
    let documents = parts.map(document).filter { !$0.isEmpty }
    switch documents.count {
    case 0: return [:]
    case 1: return documents[0]
    default: return ["$and": .array(documents.map { .document($0) })]
    }
  }

  private func or(_ parts: [Filter]) -> Document {
    let documents = parts.map(document)
    if documents.isEmpty { return Self.nothing }
    if documents.contains(where: \.isEmpty) { return [:] }
    return documents.count == 1 ? documents[0] : ["$or": .array(documents.map { .document($0) })]
  }
}

// MARK: - Negation

extension FilterDocument {
  /// `not`, pushed down to the comparisons, where it leaves out null as SQL does.
  private func not(_ filter: Filter) -> Document {
    switch filter {
    case .all: return Self.nothing
    case .none: return [:]
    case .document(let inner):
      return ["$nor": [.document(naming.filter(inner))]]
    case .compare(let field, let comparison, let value):
      return compare(field, comparison.negated, value)
    case .compareFields(let a, let comparison, let b):
      return compareFields(a, comparison.negated, b)
    case .isIn(let field, let values): return isNotIn(field, values)
    case .isNotIn(let field, let values): return notNotIn(field, values)
    case .isNull(let field): return document(.isNotNull(field))
    case .isNotNull(let field): return document(.isNull(field))
    case .text(let field, let match, let text, let ignoringCase):
      let pattern = Value.document(pattern(match, text, ignoringCase))
      return [naming.path(field): ["$not": pattern, "$ne": nil]]
    case .list(let field, _, _):
      return [
        "$nor": [.document(document(filter))], naming.path(field): ["$ne": nil],
      ]
    case .and(let parts): return or(parts.map { .not($0) })
    case .or(let parts): return and(parts.map { .not($0) })
    case .not(let inner): return document(inner)
    }
  }

  private func notNotIn(_ field: String, _ values: [Value]) -> Document {
    values.isEmpty ? Self.nothing : isIn(field, values)
  }
}

extension Filter.Comparison {
  fileprivate var negated: Filter.Comparison {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    }
  }
}

extension Value {
  /// True where the value in the place of an operator document is taken as itself.
  fileprivate var isPlain: Bool {
    switch self {
    case .document, .regex: false
    default: true
    }
  }
}

// MARK: - Text

extension FilterDocument {
  private func pattern(
    _ match: Filter.TextMatch, _ text: String, _ ignoringCase: Bool
  ) -> Document {
    let pattern =
      switch match {
      case .contains: Self.escaped(text)
      case .startsWith: "^" + Self.escaped(text)
      case .endsWith: Self.escaped(text) + "$(?!\n)"
      case .like: "^" + Self.like(text) + "$(?!\n)"
      }
    return ignoringCase
      ? ["$regex": .string(pattern), "$options": "is"]
      : ["$regex": .string(pattern), "$options": "s"]
  }

  private static func escaped(_ text: String) -> String {
    var pattern = ""
    for character in text.unicodeScalars {
      if special.contains(character) { pattern.unicodeScalars.append("\\") }
      pattern.unicodeScalars.append(character)
    }
    return pattern
  }

  /// SQL's pattern: `%` for any text, `_` for one character, a backslash before what is meant
  /// literally.
  private static func like(_ text: String) -> String {
    var pattern = ""
    var isLiteral = false
    for character in text.unicodeScalars {
      switch character {
      case "\\" where !isLiteral:
        isLiteral = true
        continue
      case "%" where !isLiteral: pattern += ".*"
      case "_" where !isLiteral: pattern += "."
      default: pattern += escaped(String(character))
      }
      isLiteral = false
    }
    return pattern
  }

  private static let special = Set("\\^$.|?*+()[]{}-/#".unicodeScalars)
}
