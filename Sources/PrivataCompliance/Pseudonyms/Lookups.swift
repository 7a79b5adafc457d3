internal import PrivataCore

/// Pseudonyms by the ids that programs use.
struct PseudonymLookup: Sendable {
  private var pairs: [PersonReference: [Value: Value]] = [:]

  mutating func insert(_ id: Value, _ pseudonym: String, _ reference: PersonReference) {
    pairs[reference, default: [:]][id.lookupKey] = .string(pseudonym)
  }

  /// The pseudonym of an id as the clinical store holds it, `nil` for an unknown id.
  func pseudonym(of id: Value, _ reference: PersonReference) -> Value? {
    pairs[reference]?[id.lookupKey]
  }
}

/// Ids by the pseudonyms that the clinical store holds.
struct PersonLookup: Sendable {
  private var pairs: [PersonReference: [String: Value]] = [:]

  mutating func insert(_ id: Value, _ pseudonym: String, _ reference: PersonReference) {
    pairs[reference, default: [:]][pseudonym] = id
  }

  /// The id of a pseudonym; null where nobody has it any more.
  func person(_ pseudonym: String, _ reference: PersonReference) -> Value {
    pairs[reference]?[pseudonym] ?? .null
  }

  /// The value of a field with ids in place of pseudonyms.
  func translate(_ value: Value, _ reference: PersonReference) -> Value {
    switch value {
    case .string(let pseudonym): person(pseudonym, reference)
    case .array(let items): .array(items.map { translate($0, reference) })
    default: value
    }
  }

  /// Appends a BSON element (type, key, value) with ids in place of pseudonyms.
  func append(
    element: ArraySlice<UInt8>, _ reference: PersonReference, to bytes: inout [UInt8]
  ) {
    // As the only element of a document, its bytes are BSON that the core can read.
    var whole: [UInt8] = [0, 0, 0, 0]
    whole.append(contentsOf: element)
    whole.append(0)
    whole.patchDocumentLength(at: 0)
    for element in Document(validated: whole[...]).elements {
      var writer = BSONWriter(appendingTo: bytes)
      writer.append(element.key, translate(element.value, reference))
      bytes = writer.bytes
    }
  }
}

/// The pseudonyms that rows of the clinical store hold, by reference.
struct ReferencedPseudonyms: Sendable {
  private(set) var pseudonyms: [PersonReference: Set<String>] = [:]

  var isEmpty: Bool { pseudonyms.isEmpty }

  mutating func insert(_ value: Value?, _ reference: PersonReference) {
    switch value {
    case .string(let text): pseudonyms[reference, default: []].insert(text)
    case .array(let items): for item in items { insert(item, reference) }
    default: break
    }
  }
}

extension Value {
  /// The value as a key under which equal ids meet, whatever integer type they came in.
  var lookupKey: Value {
    switch self {
    case .int32(let value): .int64(Int64(value))
    case .double(let value): Int64(exactly: value).map { .int64($0) } ?? self
    default: self
    }
  }
}
