internal import PrivataCore
internal import Synchronization

/// The shapes of a model's reads, made once each. Shapes of equal hash are compared.
final class ReadShapes: Sendable {
  private final class Entry: Sendable {
    let hash: UInt64
    /// A query of the shape without its values: nothing personal is kept.
    let query: Query
    let shape: ReadShape
    let next: Entry?

    init(_ hash: UInt64, _ query: Query, _ shape: ReadShape, next: Entry?) {
      self.hash = hash
      self.query = query
      self.shape = shape
      self.next = next
    }
  }

  private struct Table: Sendable {
    var buckets: [Entry?] = Array(repeating: nil, count: 64)
    var count = 0

    func shape(_ hash: UInt64, _ query: Query) -> ReadShape? {
      var entry = buckets[Int(truncatingIfNeeded: hash & 63)]
      while let found = entry {
        if found.hash == hash, found.query.hasShape(of: query) { return found.shape }
        entry = found.next
      }
      return nil
    }
  }

  private let table = Mutex(Table())
  /// Only a program that makes up shapes gets there.
  private let limit: Int

  init(limit: Int = 1_024) { self.limit = limit }

  /// How many shapes are known.
  var count: Int { table.withLock { $0.count } }

  /// The shape of a query.
  func shape(of query: Query, _ separation: Separation) -> ReadShape {
    var hash = ShapeHash()
    guard hash.combine(query) else { return ReadShape(query, separation) }
    let state = hash.state
    if let known = table.withLock({ $0.shape(state, query) }) { return known }
    var blank = query
    blank.filter = query.filter.withoutValues
    blank.skip = 0
    blank.limit = nil
    blank.options = nil
    let made = ReadShape(blank, separation, isKept: true)
    let bucket = Int(truncatingIfNeeded: state & 63)
    table.withLock { table in
      if table.count >= limit { table = Table() }
      table.buckets[bucket] = Entry(state, blank, made, next: table.buckets[bucket])
      table.count += 1
    }
    return made
  }
}

/// A quick hash over what makes a read's shape.
private struct ShapeHash {
  private(set) var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  private mutating func combine(_ bits: UInt64) {
    state = (state ^ bits) &* 0xFF51_AFD7_ED55_8CCD
    state ^= state &>> 32
  }

  private mutating func combine(_ text: String) {
    let bytes = text.utf8.span
    var word = UInt64(bytes.count)
    if let first = bytes.indices.first, let last = bytes.indices.last {
      word |= UInt64(bytes[first]) << 32 | UInt64(bytes[last]) << 40
      word |= UInt64(bytes[bytes.count / 2]) << 48
    }
    combine(word)
  }

  /// False for a query whose shape depends on values: it is divided anew each time.
  mutating func combine(_ query: Query) -> Bool {
    guard combine(query.filter) else { return false }
    switch query.projection {
    case .all: combine(1)
    case .fields(let names):
      combine(UInt64(names.count) << 8 | 2)
      for name in names { combine(name) }
    case .document(let document):
      // Others may hold values of a person.
      guard document.namesFieldsOnly else { return false }
      combine(UInt64(document.count) << 8 | 3)
    }
    switch query.answer {
    case .rows: combine(4)
    case .count: combine(5)
    case .exists: combine(6)
    case .distinct(let path): combine(path)
    }
    combine(query.layout == .cells ? 7 : 8)
    for key in query.sort {
      if key.isTextScore { return false }
      combine(key.path)
    }
    return true
  }

  private mutating func combine(_ filter: Filter) -> Bool {
    switch filter {
    case .all: combine(10)
    case .compare(let field, let comparison, _):
      combine(comparison == .equal ? 11 : comparison == .notEqual ? 12 : 13)
      combine(field)
    case .isIn(let field, _):
      combine(14)
      combine(field)
    case .isNull(let field):
      combine(15)
      combine(field)
    case .isNotNull(let field):
      combine(16)
      combine(field)
    case .document(let document):
      guard let field = document.fieldOfEquality else { return false }
      combine(17)
      combine(field)
    case .and(let parts):
      combine(UInt64(parts.count) << 8 | 18)
      for part in parts where !combine(part) { return false }
    default: return false
    }
    return true
  }
}

extension Document {
  /// True for a projection that says of each field whether to keep it, and nothing else.
  fileprivate var namesFieldsOnly: Bool {
    elements.allSatisfy { element in
      switch element.value {
      case .bool, .int32, .int64, .double: true
      default: false
      }
    }
  }

  /// The field of a condition `{field: value}` whose value is a scalar; `nil` for any other.
  fileprivate var fieldOfEquality: String? {
    guard count == 1, let element = elements.first, element.key.utf8.first != 0x24 else {
      return nil
    }
    switch element.value {
    case .document, .array, .regex, .code: return nil
    default: return element.key
    }
  }
}

extension Query {
  /// True where the other query differs in values alone.
  fileprivate func hasShape(of other: Query) -> Bool {
    layout == other.layout && answer == other.answer && filter.hasShape(of: other.filter)
      && projection == other.projection && sort == other.sort
  }
}

extension Filter {
  fileprivate func hasShape(of other: Filter) -> Bool {
    switch (self, other) {
    case (.all, .all): true
    case (.compare(let a, let how, _), .compare(let b, let same, _)): a == b && how == same
    case (.isIn(let a, _), .isIn(let b, _)): a == b
    case (.isNull(let a), .isNull(let b)), (.isNotNull(let a), .isNotNull(let b)): a == b
    case (.document(let a), .document(let b)):
      a.fieldOfEquality == b.fieldOfEquality && a.fieldOfEquality != nil
    case (.and(let a), .and(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.hasShape(of: $1) }
    default: false
    }
  }

  /// The conditions without the values that they compare.
  fileprivate var withoutValues: Filter {
    switch self {
    case .compare(let field, let comparison, _): .compare(field, comparison, .null)
    case .isIn(let field, _): .isIn(field, [])
    case .document(let document):
      document.fieldOfEquality.map { .document(Document([.init(key: $0, value: .null)])) } ?? self
    case .and(let parts): .and(parts.map(\.withoutValues))
    default: self
    }
  }
}
