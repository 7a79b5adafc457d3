import PrivataCore
import Testing

@Suite struct ExpressionTests {
  @Test func answersWhatMongoDBAnswers() throws {
    let recorded = try RecordedCases("expression")
    let subjects = recorded.head["subjects"]?.asArray ?? []
    let pairs = recorded.head["pairs"]?.asArray ?? []
    let host = recorded.head["host"]?.asDocument ?? [:]
    var differences = Differences()
    for one in recorded.cases {
      let results = (one["results"]?.asArray ?? []).compactMap(\.asDocument)
      for (position, wanted) in results.enumerated() where !wanted.contains("invalid") {
        var document = host
        var expression = one["expression"] ?? .null
        if let name = one["unary"]?.asString {
          document = Document([.init(key: "v", value: subjects[position])])
          expression = .document(Document([.init(key: name, value: "$v")]))
        } else if let name = one["binary"]?.asString {
          let pair = 3 * position + (one["from"]?.asInt ?? 0)
          document = ["a": pairs[pair / pairs.count], "b": pairs[pair % pairs.count]]
          expression = .document(Document([.init(key: name, value: ["$a", "$b"])]))
        }
        // MongoDB 6.0 divides a decimal's logarithm by the base instead of the base's logarithm.
        if one["binary"] == "$log",
          document.elements.contains(where: { $0.value.typeName == "decimal" })
        {
          continue
        }
        differences.compared()
        // The same detour as the recording's, which answers missing values as no field.
        let found = outcome { () throws(PrivataError) -> Document? in
          try Expression(["r": expression]).evaluate(document)?.asDocument
        }
        if let difference = Self.difference(found, wanted) {
          let shown = one.contains("expression") ? "" : " of \(document.json)"
          differences.add(
            "\(Document([.init(key: "x", value: expression)]).json)\(shown): \(difference)")
        }
      }
    }
    differences.report(atLeast: 4000)
  }

  private static func difference(
    _ found: Result<Document?, PrivataError>, _ wanted: Document
  ) -> String? {
    switch (found, wanted["error"]?.asInt) {
    case (.success(let result), nil):
      result?.isClose(to: wanted) == true
        ? nil : "\(result?.json ?? "nothing"), wanted \(wanted.json)"
    case (.failure(let error), let code?):
      error.serverCode == code || error.code == .unsupported
        ? nil : "error \(error.serverCode) \(error.message), wanted \(code)"
    case (.failure(let error), nil): "threw \(error), wanted \(wanted.json)"
    case (.success(let result), let code?): "\(result?.json ?? "nothing"), wanted error \(code)"
    }
  }
}

extension Document {
  /// The same document, but for the last bits of doubles and the last digits of decimals, which
  /// depend on the mathematics library.
  func isClose(to other: Document) -> Bool {
    let (a, b) = (elements, other.elements)
    return a.count == b.count
      && zip(a, b).allSatisfy { $0.key == $1.key && $0.value.isClose(to: $1.value) }
  }
}

extension Value {
  fileprivate func isClose(to other: Value) -> Bool {
    switch (self, other) {
    case (.document(let a), .document(let b)): return a.isClose(to: b)
    case (.array(let a), .array(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { $0.isClose(to: $1) }
    case (.double(let a), .double(let b)):
      return a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
        || abs(a - b) <= 1e-14 * max(abs(a), abs(b))
    case (.decimal(let a), .decimal(let b)):
      if a == b || a.isZero && b.isZero { return true }
      let (x, y) = (Double(a), Double(b))
      return abs(x - y) <= 1e-14 * max(abs(x), abs(y)) && abs(x) > 0
    default:
      return Document([.init(key: "", value: self)]).bson
        == Document([.init(key: "", value: other)]).bson
    }
  }
}
