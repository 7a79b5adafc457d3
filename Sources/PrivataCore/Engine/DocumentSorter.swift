/// Sorts documents as MongoDB does: missing counts as null, an array by its least element upwards
/// and its greatest downwards. The sort is stable.
///
/// ```swift
/// let sorter = try DocumentSorter([SortKey("age", descending: true)])
/// let sorted = try sorter.sorted(documents)
/// ```
package struct DocumentSorter: Sendable {
  private let keys: [SortKey]
  private let paths: [DottedPath]
  private let order: ValueOrder
  private let matcher: DocumentMatcher?

  /// A sorter of these keys; `matcher` gives the scores that a key by text score needs.
  package init(
    _ keys: [SortKey], collation: Document? = nil, matcher: DocumentMatcher? = nil
  ) throws(PrivataError) {
    self.keys = keys
    paths = keys.map { DottedPath($0.path) }
    order = try ValueOrder(collation)
    self.matcher = matcher
  }

  /// The documents in order.
  ///
  /// - Throws: `rejectedByStore` (code 2) where two keys reach into different arrays.
  package func sorted(_ documents: [Document]) throws(PrivataError) -> [Document] {
    guard !keys.isEmpty, documents.count > 1 else { return documents }
    var rows: [(key: [Value], position: Int)] = []
    rows.reserveCapacity(documents.count)
    for (position, document) in documents.enumerated() {
      rows.append((try key(of: document), position))
    }
    rows.sort { a, b in
      let order = compare(a.key, b.key)
      return order == 0 ? a.position < b.position : order < 0
    }
    return rows.map { documents[$0.position] }
  }

  /// What a document sorts by: one value per key.
  ///
  /// - Throws: as ``sorted(_:)``.
  package func key(of document: Document) throws(PrivataError) -> [Value] {
    var best: [Value] = []
    var hasArrays = false
    for (key, path) in zip(keys, paths) {
      if key.isTextScore {
        best.append(.double(matcher?.textScore(of: document) ?? 0))
        continue
      }
      guard let plain = Self.plain(path, document) else {
        hasArrays = true
        break
      }
      best.append(plain)
    }
    return hasArrays ? try keyThroughArrays(document) : best
  }

  /// The order of two documents by their keys.
  package func compare(_ a: [Value], _ b: [Value]) -> Int {
    for (index, key) in keys.enumerated() {
      let order = compare(a[index], b[index], key)
      if order != 0 { return order }
    }
    return 0
  }

  private func compare(_ a: Value, _ b: Value, _ key: SortKey) -> Int {
    if let nulls = key.nulls, a.isNull != b.isNull {
      return a.isNull == (nulls == .first) ? -1 : 1
    }
    let result = order.compare(a, b)
    return key.isDescending || key.isTextScore ? -result : result
  }

  /// The value at a path without arrays, null for a missing one; `nil` where an array is in the way.
  private static func plain(_ path: DottedPath, _ document: Document) -> Value? {
    var current = document
    for (index, part) in path.parts.enumerated() {
      switch current[part] {
      case .array?: return nil
      case .document(let inner)? where index < path.parts.count - 1: current = inner
      case let value: return index == path.parts.count - 1 ? value ?? .null : .null
      }
    }
    return .null
  }

  private func keyThroughArrays(_ document: Document) throws(PrivataError) -> [Value] {
    var tuples = try SortTuples(paths).tuples(of: document)
    for (index, key) in keys.enumerated() where key.isTextScore {
      for row in tuples.indices {
        tuples[row][index] = .double(matcher?.textScore(of: document) ?? 0)
      }
    }
    var best = tuples[0]
    for tuple in tuples.dropFirst() where compare(tuple, best) < 0 { best = tuple }
    return best
  }
}

/// All combinations of values that a document's arrays offer for several paths: as an index would
/// hold them.
package struct SortTuples: Sendable {
  private let paths: [DottedPath]

  /// The combinations for these paths.
  package init(_ paths: [DottedPath]) { self.paths = paths }

  /// At least one tuple, with one value per path.
  package func tuples(of document: Document) throws(PrivataError) -> [[Value]] {
    let fixed: [Value?] = paths.map { _ in nil }
    var tuples: [[Value]] = []
    try expand(paths.map { _ in (.document(document), 0) }, fixed, into: &tuples)
    return tuples
  }

  private typealias Place = (value: Value, next: Int)

  private func expand(
    _ places: [Place?], _ known: [Value?], into tuples: inout [[Value]]
  ) throws(PrivataError) {
    var known = known
    var waiting: [(index: Int, items: [Value], prefix: String, next: Int)] = []
    for (index, place) in places.enumerated() {
      guard let place else { continue }
      switch try walk(index, place) {
      case .value(let value): known[index] = value
      case .array(let items, let next):
        waiting.append((index, items, paths[index].parts[..<next].joined(separator: "."), next))
      }
    }
    guard let first = waiting.first else {
      tuples.append(known.map { $0 ?? .null })
      return
    }
    guard waiting.allSatisfy({ $0.prefix == first.prefix }) else {
      throw .rejected(
        2, "cannot sort with keys that are parallel arrays",
        fields: waiting.map { paths[$0.index].text })
    }
    if first.items.isEmpty {
      for one in waiting {
        known[one.index] = one.next == paths[one.index].parts.count ? .undefined : .null
      }
      tuples.append(known.map { $0 ?? .null })
      return
    }
    for item in first.items {
      var places = [Place?](repeating: nil, count: paths.count)
      for one in waiting { places[one.index] = (item, one.next) }
      try expand(places, known, into: &tuples)
    }
  }

  private func refuseAmbiguity(
    _ items: [Value], _ name: String, _ path: String
  ) throws(PrivataError) {
    for case .document(let document) in items where document.contains(name) {
      throw .rejected(
        16746,
        "Ambiguous field name found in array (do not use numeric field names in embedded "
          + "elements in an array)", fields: [path])
    }
  }

  private enum Step { case value(Value), array([Value], Int) }

  /// Follows a path through documents to its end or to the next array.
  private func walk(_ index: Int, _ place: Place) throws(PrivataError) -> Step {
    let path = paths[index]
    var (value, next) = place
    while next < path.parts.count {
      // An array inside an array is not entered, but for a component that names a position.
      guard case .document(let document) = value else { return .value(.null) }
      guard let inner = document[path.parts[next]] else { return .value(.null) }
      next += 1
      if case .array(let items) = inner {
        if next < path.parts.count, let position = path.indexes[next] {
          try refuseAmbiguity(items, path.parts[next], path.text)
          guard items.indices.contains(position) else { return .value(.null) }
          value = items[position]
          next += 1
          if next < path.parts.count, case .array(let nested) = value {
            return .array(nested, next)
          }
          continue
        }
        return .array(items, next)
      }
      value = inner
    }
    return .value(value)
  }
}
