import PrivataCore

/// What an error reply of the server says, but for its text, which can hold values.
struct ServerReply: Sendable {
  var code = 0
  var codeName: String?
  var labels: [String] = []
  var keyPattern: Document?
  var keyValue: Document?
  /// True where the text speaks of an operator that does not exist; the code alone does not say.
  var namesUnknownOperator = false

  /// Reads a reply or one of its `writeErrors`; empty bytes leave the code 0.
  init(_ bytes: Span<UInt8>) {
    guard !bytes.isEmpty else { return }
    var element = BSONIterator(bytes)
    while element.next() { take(element) }
  }

  private mutating func take(_ element: borrowing BSONIterator) {
    switch element.keyText {
    case "code": code = element.value().asInt ?? 0
    case "codeName": codeName = element.value().asString
    case "errorLabels": labels = (element.value().asArray ?? []).compactMap(\.asString)
    case "keyPattern": keyPattern = element.value().asDocument
    case "keyValue": keyValue = element.value().asDocument
    case "errmsg": readText(element)
    case "writeConcernError" where code == 0: takeConcern(element.value().asDocument)
    default: break
    }
  }

  private mutating func readText(_ element: borrowing BSONIterator) {
    guard element.type == .string else { return }
    let text = element.string
    let openings = [
      "unknown operator", "unknown top level operator", "Unknown modifier",
      "Unrecognized expression", "Unrecognized pipeline stage",
    ]
    namesUnknownOperator = openings.contains { text.contains($0) }
  }

  private mutating func takeConcern(_ error: Document?) {
    code = error?["code"]?.asInt ?? 0
    codeName = error?["codeName"]?.asString
  }

  /// The error in the server's own terms.
  var serverError: ServerError {
    ServerError(
      code: code, codeName: codeName, keyPattern: keyPattern, keyValue: keyValue, labels: labels)
  }
}
