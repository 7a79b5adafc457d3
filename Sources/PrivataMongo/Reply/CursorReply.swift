import PrivataCore

/// The reply of a command that answers a cursor.
enum CursorReply {
  /// Hands the body the array of the batch's documents; answers the id of the cursor, 0 where the
  /// batch was the last.
  static func read(
    _ reply: Span<UInt8>, _ body: (Span<UInt8>) -> Void
  ) throws(PrivataError) -> Int64 {
    var element = BSONIterator(reply)
    while element.next() {
      if element.type == .document, element.keyText == "cursor" {
        return readCursor(element.nested, body)
      }
    }
    throw PrivataError(.corrupt, "MongoDB's reply holds no cursor")
  }

  private static func readCursor(_ cursor: Span<UInt8>, _ body: (Span<UInt8>) -> Void) -> Int64 {
    var id: Int64 = 0
    var element = BSONIterator(cursor)
    while element.next() {
      switch element.type {
      case .int64: if element.keyText == "id" { id = element.int64 }
      case .array: body(element.nested)
      default: break
      }
    }
    return id
  }
}
