public import PrivataCore

// The chain's conditions. The forms with one argument mean the path of the last `where`.

extension MongoQuery {
  /// Names the path that the next comparison means.
  public func `where`(_ path: String) -> Self { changed { $0.path = path } }

  /// The path equals the value, and is the one that the next comparison means.
  public func `where`(_ path: String, _ value: Value) -> Self {
    changed {
      $0.path = path
      $0.filter[path] = value
    }
  }

  /// Adds conditions.
  public func `where`(_ filter: Document) -> Self { changed { $0.merge(filter) } }

  /// Adds conditions.
  public func find(_ filter: Document) -> Self { changed { $0.merge(filter) } }

  /// The path equals the value.
  public func equals(_ value: Value) -> Self {
    changed { plan in
      guard let path = plan.path else { return plan.missingPath("equals") }
      plan.filter[path] = value
    }
  }

  /// The path equals the value.
  public func eq(_ value: Value) -> Self { equals(value) }

  /// Greater than.
  public func gt(_ value: Value) -> Self { compared("$gt", value) }
  /// Greater than.
  public func gt(_ path: String, _ value: Value) -> Self { compared("$gt", path, value) }
  /// At least.
  public func gte(_ value: Value) -> Self { compared("$gte", value) }
  /// At least.
  public func gte(_ path: String, _ value: Value) -> Self { compared("$gte", path, value) }
  /// Less than.
  public func lt(_ value: Value) -> Self { compared("$lt", value) }
  /// Less than.
  public func lt(_ path: String, _ value: Value) -> Self { compared("$lt", path, value) }
  /// At most.
  public func lte(_ value: Value) -> Self { compared("$lte", value) }
  /// At most.
  public func lte(_ path: String, _ value: Value) -> Self { compared("$lte", path, value) }
  /// Different; also where the path is missing.
  public func ne(_ value: Value) -> Self { compared("$ne", value) }
  /// Different; also where the path is missing.
  public func ne(_ path: String, _ value: Value) -> Self { compared("$ne", path, value) }
  /// One of the values.
  public func `in`(_ values: Value) -> Self { compared("$in", values) }
  /// One of the values.
  public func `in`(_ path: String, _ values: Value) -> Self { compared("$in", path, values) }
  /// None of the values; also where the path is missing.
  public func nin(_ values: Value) -> Self { compared("$nin", values) }
  /// None of the values; also where the path is missing.
  public func nin(_ path: String, _ values: Value) -> Self { compared("$nin", path, values) }
  /// An array that has all of the values.
  public func all(_ values: Value) -> Self { compared("$all", values) }
  /// An array that has all of the values.
  public func all(_ path: String, _ values: Value) -> Self { compared("$all", path, values) }
  /// An array of that length.
  public func size(_ count: Value) -> Self { compared("$size", count) }
  /// An array of that length.
  public func size(_ path: String, _ count: Value) -> Self { compared("$size", path, count) }
  /// A text that matches.
  public func regex(_ pattern: Value) -> Self { compared("$regex", pattern) }
  /// A text that matches.
  public func regex(_ path: String, _ pattern: Value) -> Self { compared("$regex", path, pattern) }
  /// A remainder after division.
  public func mod(_ divisor: Value, _ remainder: Value) -> Self {
    compared("$mod", .array([divisor, remainder]))
  }
  /// A remainder after division: `[divisor, remainder]`.
  public func mod(_ operand: Value) -> Self { compared("$mod", operand) }
  /// A remainder after division: `[divisor, remainder]`.
  public func mod(_ path: String, _ operand: Value) -> Self { compared("$mod", path, operand) }
  /// An array with an element that meets all conditions.
  public func elemMatch(_ conditions: Document) -> Self {
    compared("$elemMatch", .document(conditions))
  }
  /// An array with an element that meets all conditions.
  public func elemMatch(_ path: String, _ conditions: Document) -> Self {
    compared("$elemMatch", path, .document(conditions))
  }
  /// The path exists, or does not.
  public func exists(_ exists: Value = true) -> Self { compared("$exists", exists) }
  /// The path exists, or does not.
  public func exists(_ path: String, _ exists: Value = true) -> Self {
    compared("$exists", path, exists)
  }

  /// Any comparison by its operator: `comparing("$bitsAllSet", 5)`.
  public func comparing(_ name: String, _ value: Value) -> Self { compared(name, value) }

  /// At least one of the conditions.
  public func or(_ branches: [Document]) -> Self { branched("$or", branches) }
  /// All of the conditions.
  public func and(_ branches: [Document]) -> Self { branched("$and", branches) }
  /// None of the conditions.
  public func nor(_ branches: [Document]) -> Self { branched("$nor", branches) }

  private func branched(_ name: String, _ branches: [Document]) -> Self {
    changed { plan in
      let old = plan.filter[name]?.asArray ?? []
      plan.filter[name] = .array(old + branches.map { .document($0) })
    }
  }

  private func compared(_ name: String, _ value: Value) -> Self {
    changed { plan in
      guard let path = plan.path else { return plan.missingPath(String(name.dropFirst())) }
      plan.add(name, path, value)
    }
  }

  private func compared(_ name: String, _ path: String, _ value: Value) -> Self {
    changed { $0.add(name, path, value) }
  }
}

extension QueryPlan {
  mutating func add(_ name: String, _ path: String, _ value: Value) {
    var condition = filter[path]?.asDocument ?? Document()
    condition[name] = value
    filter[path] = .document(condition)
  }

  /// A comparison without a path: the query fails when it runs.
  mutating func missingPath(_ method: String) {
    fail(
      UsageError(
        "\(method)() must be used after where() when called with these arguments", name: "Error"))
  }
}
