extension BSONWriter {
  /// Appends a document by itself. One that still has its bytes is copied straight.
  package mutating func append(document: Document) { append(document: document, depth: 0) }

  /// Appends any value under a key.
  package mutating func append(_ key: Span<UInt8>, _ value: Value) {
    append(key, value, depth: 0)
  }

  /// The bytes of an array: a document whose keys are "0", "1"…
  package static func bytes(ofArray values: [Value]) -> [UInt8] {
    var writer = BSONWriter(capacity: 64)
    writer.append(array: values, depth: 0)
    return writer.bytes
  }

  /// Appends one type byte and the value's bytes, without a key; ``BSONReader/value(ofElement:)``
  /// reads them.
  package static func append(element value: Value, to bytes: inout [UInt8]) {
    let start = bytes.count
    var writer = BSONWriter(appendingTo: bytes.take())
    writer.append(Span<UInt8>(), value)
    bytes = writer.bytes
    bytes.remove(at: start + 1)
  }

  private mutating func append(document: Document, depth: Int) {
    switch document.storage {
    case .bytes(let bytes): append(documentBytes: bytes.span)
    case .elements(let elements): append(elements, depth: depth)
    case .row(let page, let row):
      if !page.append(row, to: &self) { append(page.elements(row), depth: depth) }
    }
  }

  private mutating func append(_ elements: [Document.Element], depth: Int) {
    let mark = beginDocument()
    for index in elements.indices {
      append(elements[index].key.utf8.span, elements[index].value, depth: depth)
    }
    end(mark)
  }

  private mutating func append(array: [Value], depth: Int) {
    let mark = beginDocument()
    var key = BSONIndexKey()
    // By index, because a loop over the values would copy each of them.
    for index in array.indices {
      append(key.span, array[index], depth: depth)
      key.advance()
    }
    end(mark)
  }

  private mutating func append(_ key: Span<UInt8>, _ value: Value, depth: Int) {
    switch value {
    case .null: header(.null, key)
    case .bool(let value): append(key, bool: value)
    case .int32(let value): append(key, int32: value)
    case .int64(let value): append(key, int64: value)
    case .double(let value): append(key, double: value)
    case .decimal(let value): append(key, decimal: value)
    case .string(let value): field(.string, key, text: value.utf8.span)
    case .objectID(let value): append(key, objectID: value)
    case .date(let value): append(key, date: value)
    case .binary(let value): append(key, binary: value.bytes.span, subtype: value.subtype)
    case .document(let value):
      if nest(.document, key, depth) { append(document: value, depth: depth + 1) }
    case .array(let value):
      if nest(.array, key, depth) { append(array: value, depth: depth + 1) }
    case .timestamp(let value): append(key, timestamp: value)
    case .minKey: header(.minKey, key)
    case .maxKey: header(.maxKey, key)
    default: appendRare(key, value, depth: depth)
    }
  }

  /// Begins an element that holds a document, or a null where that would be one level too deep.
  private mutating func nest(_ type: BSONType, _ key: Span<UInt8>, _ depth: Int) -> Bool {
    let isAllowed = depth < bsonNestingLimit
    if !isAllowed { fail(.depth) }
    header(isAllowed ? type : .null, key)
    return isAllowed
  }

  private mutating func appendRare(_ key: Span<UInt8>, _ value: Value, depth: Int) {
    switch value {
    case .regex(let value):
      header(.regex, key)
      append(cString: value.pattern.utf8.span)
      append(cString: value.options.utf8.span)
    case .code(let code, nil): field(.code, key, text: code.utf8.span)
    case .code(let code, let scope?):
      guard nest(.codeWithScope, key, depth) else { return }
      let mark = beginDocument()
      append(text: code.utf8.span)
      append(document: scope, depth: depth + 1)
      patchLength(at: mark.offset)
    case .symbol(let value): field(.symbol, key, text: value.utf8.span)
    case .dbPointer(let namespace, let id):
      field(.dbPointer, key, text: namespace.utf8.span)
      bytes.append(value: id.high.byteSwapped)
      bytes.append(value: id.low.byteSwapped)
    default: header(.undefined, key)
    }
  }
}
