package import PrivataCore

/// Where a parameter's value comes from at each run, and how it is turned into the column's form.
package struct SQLSlot: Sendable, Hashable {
  package enum Source: Sendable, Hashable {
    /// The literal at this path of the query's filter.
    case filter([Int])
    /// The value at this path of the update's changes.
    case changes([Int])
    case skip, limit
    case constant(Value)
  }

  package enum Conversion: Sendable, Hashable {
    /// As it is.
    case plain
    /// In the column's type, an equal value.
    case comparable(FieldType)
    /// A list of such values; those that no value of the column can equal are left out.
    case list(FieldType)
    /// The bytes of a key of any type; of a list, those of each value.
    case key, keyList
    /// The key by which a keyed index finds a value.
    case indexKey
    /// The least text after all texts that begin with this one.
    case afterPrefix
    /// A `LIKE` pattern as a `GLOB` pattern.
    case glob
    /// A text with `LIKE`'s signs escaped, inside the given ends.
    case like(prefix: String, suffix: String)
    /// One value as a list of one; a list as it is.
    case wrapped
  }

  package var source: Source
  package var conversion: Conversion

  package init(_ source: Source, _ conversion: Conversion = .plain) {
    self.source = source
    self.conversion = conversion
  }
}

extension SQLSlot {
  /// The parameter's value for one run.
  package func value(filter: Filter, changes: Changes?, skip: Int, limit: Int?) -> Value {
    switch source {
    case .filter(let path): convert(filter.literal(at: path, from: 0))
    case .changes(let path): convert(changes?.literal(at: path, from: 0) ?? .null)
    case .skip: .int64(Int64(skip))
    case .limit: .int64(Int64(limit ?? -1))
    case .constant(let value): value
    }
  }

  func convert(_ value: Value) -> Value {
    switch conversion {
    case .plain: value
    case .comparable(let type):
      switch value {
      // The shape says that they fit, and they are in the column's form.
      case .objectID, .string, .date, .bool: value
      case .int32 where type == .int32: value
      default: type.comparable(value) ?? .null
      }
    case .list(let type):
      .array((value.asArray ?? []).compactMap { $0.isNull ? nil : type.comparable($0) })
    case .key: DocumentKey.bytes(value)
    case .indexKey: KeyedIndex.key(finding: value)
    case .keyList: .array((value.asArray ?? []).map(DocumentKey.bytes))
    case .afterPrefix: .string(SQLText.afterPrefix(value.asString ?? ""))
    case .glob: .string(SQLText.glob(like: value.asString ?? ""))
    case .like(let prefix, let suffix):
      .string(prefix + SQLText.escapedForLike(value.asString ?? "") + suffix)
    case .wrapped: value.asArray == nil ? .array([value]) : value
    }
  }
}

extension Filter {
  /// The literal at a path: positions in `and` and `or`, then in the elements of documents.
  func literal(at path: [Int], from start: Int) -> Value {
    switch self {
    case .compare(_, _, let value): return value
    case .document(let document): return document.literal(at: path, from: start)
    case .and(let filters), .or(let filters):
      guard start < path.count, filters.indices.contains(path[start]) else { return .null }
      return filters[path[start]].literal(at: path, from: start + 1)
    case .not(let filter): return filter.literal(at: path, from: start)
    case .isIn(_, let values), .isNotIn(_, let values), .list(_, _, let values):
      return .array(values)
    case .text(_, _, let text, _): return .string(text)
    default: return .null
    }
  }
}

extension Changes {
  /// The value at a path: positions of elements of documents, or of assignments.
  func literal(at path: [Int], from start: Int) -> Value {
    switch self {
    case .operators(let document), .replacement(let document):
      return document.literal(at: path, from: start)
    case .assign(let assignments):
      guard start < path.count, assignments.indices.contains(path[start]) else { return .null }
      return assignments[path[start]].value
    case .pipeline: return .null
    }
  }
}

extension Document {
  /// The value at a path of positions of elements.
  func literal(at path: [Int], from start: Int) -> Value {
    guard start < path.count else { return .document(self) }
    let elements = elements
    guard elements.indices.contains(path[start]) else { return .null }
    return elements[path[start]].value.literal(at: path, from: start + 1)
  }
}

extension Value {
  func literal(at path: [Int], from start: Int) -> Value {
    guard start < path.count else { return self }
    switch self {
    case .document(let document): return document.literal(at: path, from: start)
    case .array(let values):
      guard values.indices.contains(path[start]) else { return .null }
      return values[path[start]].literal(at: path, from: start + 1)
    default: return .null
    }
  }
}
