import PrivataCore

/// Replays corpus files against Privata's BSON and Extended JSON.
struct CorpusReplay: Sendable {
  struct Failure: Sendable {
    var file: String
    var description: String
    var reason: String
  }

  private(set) var total = 0
  private(set) var failures: [Failure] = []

  mutating func replay(_ file: CorpusFile) {
    for example in file.valid {
      count(file, example.description, Self.check(example))
    }
    for refusal in file.decodeErrors {
      let isRefused = (try? Document(bson: hexadecimal(refusal.input))) == nil
      count(file, refusal.description, isRefused ? [] : ["damaged BSON was read"])
    }
    for refusal in file.parseErrors {
      let isRefused =
        file.type == "0x13"
        ? Decimal128(refusal.input) == nil
        : (try? Document(extendedJSON: refusal.input)) == nil
      count(file, refusal.description, isRefused ? [] : ["malformed text was read"])
    }
  }

  private mutating func count(_ file: CorpusFile, _ description: String, _ reasons: [String]) {
    total += 1
    guard !reasons.isEmpty else { return }
    let reason = reasons.joined(separator: "; ")
    failures.append(Failure(file: file.name, description: description, reason: reason))
  }

  // MARK: One case

  private static func check(_ example: CorpusFile.Case) -> [String] {
    var reasons = check("canonical BSON", example.canonicalBSON, leadsTo: example)
    if let degenerate = example.degenerateBSON {
      reasons += check("degenerate BSON", degenerate, leadsTo: example)
    }
    reasons += check("canonical JSON", example.canonicalJSON, leadsTo: example)
    if let degenerate = example.degenerateJSON {
      reasons += check("degenerate JSON", degenerate, leadsTo: example)
    }
    if let relaxed = example.relaxedJSON {
      reasons += expect("relaxed JSON to relaxed JSON") {
        try same(Document(extendedJSON: relaxed).extendedJSON(.relaxed), relaxed)
      }
    }
    return reasons
  }

  private static func check(
    _ name: String, _ bytes: [UInt8], leadsTo example: CorpusFile.Case
  ) -> [String] {
    var reasons = expect("\(name) to BSON through values") {
      try Document(bson: bytes).rebuilt.encoded() == example.canonicalBSON
    }
    reasons += expect("\(name) kept") { try Document(bson: bytes).encoded() == bytes }
    reasons += expect("\(name) to canonical JSON") {
      try same(Document(bson: bytes).extendedJSON(.canonical), example.canonicalJSON)
    }
    if let relaxed = example.relaxedJSON {
      reasons += expect("\(name) to relaxed JSON") {
        try same(Document(bson: bytes).extendedJSON(.relaxed), relaxed)
      }
    }
    return reasons
  }

  private static func check(
    _ name: String, _ text: String, leadsTo example: CorpusFile.Case
  ) -> [String] {
    var reasons = expect("\(name) to canonical JSON") {
      try same(Document(extendedJSON: text).extendedJSON(.canonical), example.canonicalJSON)
    }
    if !example.isLossy {
      reasons += expect("\(name) to BSON") {
        try Document(extendedJSON: text).encoded() == example.canonicalBSON
      }
    }
    return reasons
  }

  private static func expect(_ what: String, _ body: () throws -> Bool) -> [String] {
    do { return try body() ? [] : [what] } catch { return ["\(what): \(error)"] }
  }

  /// Compares texts as JSON: white space and the escapes chosen do not count.
  private static func same(_ a: String, _ b: String) throws -> Bool {
    try JSON(parsing: a) == JSON(parsing: b)
  }
}

extension Document {
  /// The same document made of elements all the way down, without its bytes.
  fileprivate var rebuilt: Document {
    Document(elements.map { Element(key: $0.key, value: $0.value.rebuilt) })
  }
}

extension Value {
  fileprivate var rebuilt: Value {
    switch self {
    case .document(let value): .document(value.rebuilt)
    case .array(let values): .array(values.map(\.rebuilt))
    case .code(let code, let scope?): .code(code, scope: scope.rebuilt)
    default: self
    }
  }
}
