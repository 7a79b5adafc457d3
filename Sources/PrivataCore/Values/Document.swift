/// An ordered document: keys keep the order in which they came, and a document that came from a
/// database keeps its BSON bytes, or its row's cells, until it is changed.
///
/// ```swift
/// var user: Document = ["name": "Ada", "age": 36]
/// user["age"] = 37
/// user.keys  // ["name", "age"]
/// ```
///
/// Equality compares keys, values and order. A key that occurs twice (BSON allows it) is kept; the
/// subscript answers the first.
public struct Document: Sendable {
  /// One key and its value.
  public struct Element: Sendable, Hashable {
    /// The name.
    public var key: String
    /// What it stands for.
    public var value: Value

    /// A key and its value.
    public init(key: String, value: Value) {
      self.key = key
      self.value = value
    }
  }

  /// The elements, the bytes of a validated BSON document, or a row of a page.
  enum Storage: Sendable {
    case elements([Element])
    case bytes(ArraySlice<UInt8>)
    case row(DocumentPage, Int)
  }

  var storage: Storage

  /// An empty document.
  public init() { storage = .elements([]) }

  /// A document of these elements, in this order.
  public init(_ elements: [Element]) { storage = .elements(elements) }

  @inline(__always)
  init(page: DocumentPage, row: Int) { storage = .row(page, row) }
}

extension Document: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, Value)...) {
    storage = .elements(elements.map { Element(key: $0.0, value: $0.1) })
  }
}

extension Document: Hashable {
  public static func == (a: Document, b: Document) -> Bool { a.elements == b.elements }

  public func hash(into hasher: inout Hasher) { hasher.combine(elements) }
}

extension Document {
  /// All elements in order.
  public var elements: [Element] {
    get {
      switch storage {
      case .elements(let elements): elements
      case .bytes(let bytes): BSONReader.elements(ofValidated: bytes)
      case .row(let page, let row): page.elements(row)
      }
    }
    set { storage = .elements(newValue) }
  }

  /// The value of the first element with this key, `nil` where there is none. Setting `nil` removes
  /// the element; setting a value replaces it in place or appends it.
  public subscript(key: String) -> Value? {
    get {
      switch storage {
      case .row(let page, let row): return page.value(key, row: row)
      case .elements(let elements):
        // By index, because an iterator would copy every element on the way.
        let all = elements.span
        for index in 0..<all.count where all[index].key == key { return all[index].value }
        return nil
      case .bytes(let bytes): return BSONReader.value(of: key, inValidated: bytes)
      }
    }
    set {
      var all = elements
      storage = .elements([])
      let index = all.firstIndex { $0.key == key }
      switch (index, newValue) {
      case (let index?, let value?): all[index].value = value
      case (let index?, nil): all.remove(at: index)
      case (nil, let value?): all.append(Element(key: key, value: value))
      case (nil, nil): break
      }
      storage = .elements(all)
    }
  }

  /// The keys in order.
  public var keys: [String] {
    switch storage {
    case .elements(let elements): elements.map(\.key)
    case .bytes(let bytes): BSONReader.keys(ofValidated: bytes)
    case .row(let page, let row): page.elements(row).map(\.key)
    }
  }

  /// The number of elements.
  public var count: Int {
    switch storage {
    case .elements(let elements): elements.count
    case .bytes(let bytes): BSONReader.count(ofValidated: bytes)
    case .row(let page, let row): page.elements(row).count
    }
  }

  /// True without elements.
  public var isEmpty: Bool {
    switch storage {
    case .elements(let elements): elements.isEmpty
    case .bytes(let bytes): bytes.count <= 5
    case .row(let page, let row): page.elements(row).isEmpty
    }
  }

  /// True where the document has the key, whatever its value.
  public func contains(_ key: String) -> Bool { self[key] != nil }

  /// Appends without looking for an element of that key; for building documents whose keys are
  /// known to differ.
  public mutating func append(_ key: String, _ value: Value) {
    var all = elements
    storage = .elements([])
    all.append(Element(key: key, value: value))
    storage = .elements(all)
  }

  /// Removes and answers the value of a key.
  @discardableResult
  public mutating func remove(_ key: String) -> Value? {
    let value = self[key]
    if value != nil { self[key] = nil }
    return value
  }
}

extension Document: Sequence {
  public func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
}
