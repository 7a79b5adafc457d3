internal import PrivataCore

/// Makes the references by which audit events name records.
struct RecordReferences: Sendable {
  let hash: SipHash

  /// The reference to the record of a model with this key.
  func reference(to key: Value, of model: String?) -> RecordReference {
    reference(to: key, behind: Self.prefix(model ?? ""))
  }

  /// The references to the records of rows, by the cells of their keys.
  func references(
    in rows: RowBatch, column: Int, behind prefix: [UInt8]
  ) -> [RecordReference] {
    let start = hash.start(prefix.span)
    var references: [RecordReference] = []
    references.reserveCapacity(rows.count)
    for row in 0..<rows.count {
      let cell = rows.cell(row: row, column: column)
      if cell.tag == .objectID {
        references.append(RecordReference(hash.of(objectID: cell.word, cell.rest, behind: start)))
      } else if let value = rows.value(of: cell) {
        references.append(reference(to: value, behind: prefix))
      }
    }
    return references
  }

  /// The references to the records of documents that have the key.
  func references(
    in rows: RowBatch, key: String, behind prefix: [UInt8]
  ) -> [RecordReference] {
    let start = hash.start(prefix.span)
    var references: [RecordReference] = []
    references.reserveCapacity(rows.count)
    for row in 0..<rows.count {
      let document = rows.bytes(of: rows.cell(row: row, column: 0))
      var element = BSONIterator(document.span)
      while element.next() {
        guard element.keyEquals(key.utf8.span) else { continue }
        if element.type == .objectID {
          let id = element.objectID
          references.append(RecordReference(hash.of(objectID: id.high, id.low, behind: start)))
        } else if let value = Document(validated: document)[key] {
          references.append(reference(to: value, behind: prefix))
        }
        break
      }
    }
    return references
  }

  private func reference(to value: Value, behind prefix: [UInt8]) -> RecordReference {
    var bytes = prefix
    BSONWriter.append(element: value.lookupKey, to: &bytes)
    return RecordReference(hash.of(bytes.span))
  }

  /// What stands before the key: the model's name behind its length.
  static func prefix(_ model: String) -> [UInt8] {
    var writer = ByteWriter(capacity: 64)
    writer.append(text: model)
    return writer.bytes
  }
}
