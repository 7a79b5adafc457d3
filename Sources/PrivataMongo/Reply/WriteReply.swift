import PrivataCore

/// What the server says about an insert, update or delete.
struct WriteReply: Sendable {
  var n = 0
  var modified = 0
  var upserted: [WriteOutcome.Upserted] = []
  var failures: [WriteOutcome.Failure] = []
  /// The write was done but not acknowledged as asked.
  var concernFailure: PrivataError?

  /// Reads a reply; positions count from `first`.
  init(_ reply: Span<UInt8>, of command: Command, first: Int, at place: String) {
    var element = BSONIterator(reply)
    while element.next() {
      switch element.keyText {
      case "n": n = element.value().asInt ?? 0
      case "nModified": modified = element.value().asInt ?? 0
      case "upserted": takeUpserted(element, first)
      case "writeErrors": takeErrors(element.nested, command, first, place)
      case "writeConcernError":
        let error = ServerReply(element.nested)
        concernFailure = error.error(for: command, at: place)
      default: break
      }
    }
  }

  private mutating func takeUpserted(_ list: borrowing BSONIterator, _ first: Int) {
    for value in list.value().asArray ?? [] {
      guard let entry = value.asDocument, let id = entry["_id"] else { continue }
      upserted.append(.init(index: first + (entry["index"]?.asInt ?? 0), id: id))
    }
  }

  private mutating func takeErrors(
    _ list: Span<UInt8>, _ command: Command, _ first: Int, _ place: String
  ) {
    var element = BSONIterator(list)
    while element.next() {
      guard element.type == .document else { continue }
      let error = ServerReply(element.nested)
      let index = BSONReader.index(of: element.nested)
      failures.append(.init(index: first + index, error: error.error(for: command, at: place)))
    }
  }
}

extension BSONReader {
  /// The `index` of a write error.
  fileprivate static func index(of error: Span<UInt8>) -> Int {
    var element = BSONIterator(error)
    while element.next() {
      if element.keyText == "index" { return element.value().asInt ?? 0 }
    }
    return 0
  }
}

/// What the server says about a `findAndModify`.
struct FindAndModifyReply: Sendable {
  var n = 0
  var isUpdate = false
  var upsertedID: Value?
  var rows: RowBatch

  init(_ reply: Span<UInt8>, shape: RowShape) {
    rows = RowBatch(width: shape.width)
    var element = BSONIterator(reply)
    while element.next() {
      guard element.type == .document else { continue }
      switch element.keyText {
      case "value": shape.append(document: element.nested, to: &rows)
      case "lastErrorObject": take(element.value().asDocument)
      default: break
      }
    }
  }

  private mutating func take(_ result: Document?) {
    n = result?["n"]?.asInt ?? 0
    isUpdate = result?["updatedExisting"]?.asBool ?? false
    upsertedID = result?["upserted"]
  }
}
