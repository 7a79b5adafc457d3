public import PrivataCore

extension Schema {
  /// A copy that counts as a schema of its own: a model of it is another one.
  public func clone() -> Schema {
    var copy = self
    copy.identity = SchemaIdentity()
    return copy
  }

  /// Calls the body for each path, nested ones with dots, in their order.
  public func eachPath(_ body: (String, SchemaPath) throws -> Void) rethrows {
    try Self.each(entries, under: "", body)
  }

  private static func each(
    _ entries: [SchemaPath.Entry], under prefix: String,
    _ body: (String, SchemaPath) throws -> Void
  ) rethrows {
    for entry in entries {
      let name = prefix.isEmpty ? entry.name : "\(prefix).\(entry.name)"
      if case .nested(let inner) = entry.path.kind {
        try each(inner, under: name, body)
      } else {
        try body(name, entry.path)
      }
    }
  }

  /// The paths with an index of their own.
  public var indexedPaths: [String] {
    var names: [String] = []
    eachPath { name, path in if path.options.index != nil { names.append(name) } }
    return names
  }

  /// Takes the indexes over these fields out of the schema; stored ones stay until `syncIndexes`.
  public mutating func removeIndex(_ fields: Document) {
    identity = SchemaIdentity()
    indexes.removeAll { $0.fields == fields }
    guard fields.count == 1 else { return }
    for index in entries.indices where entries[index].name == fields.keys[0] {
      entries[index].path.options.index = nil
    }
  }

  /// Takes all indexes out of the schema.
  public mutating func clearIndexes() {
    identity = SchemaIdentity()
    indexes = []
    for index in entries.indices { entries[index].path.options.index = nil }
  }
}

extension SchemaPath {
  /// A value of one of several types: the first one that takes it as it is, else the first that can
  /// convert it.
  ///
  /// ```swift
  /// "amount": .union(.number, .boolean)
  /// ```
  public static func union(_ members: SchemaPath...) -> SchemaPath {
    var path = SchemaPath(.mixed)
    path.options.cast = { value in
      let types = try members.map { try SchemaCompiler.compile($0, at: "union") }
      var found: PrivataCore.Value?
      var failure: any Error = CastError(kind: "Union", path: "", value: value)
      for type in types {
        do {
          let cast = try type.rawCast(value)
          if cast.isDeepEqual(to: value) { return cast }
          if found == nil { found = cast }
        } catch { failure = error }
      }
      guard let found else { throw failure }
      return found
    }
    return path
  }
}
