/// `$bucket`: groups between boundaries.
struct BucketStage: Sendable {
  private let key: Evaluator
  private let boundaries: [Value]
  private let other: Value?
  private let fields: [(String, AccumulatorPlan)]

  /// Compiles the stage.
  init(_ value: Value, _ parser: PipelineParser) throws(PrivataError) {
    guard case .document(let document) = value else {
      throw .rejected(40201, "Argument to $bucket stage must be an object")
    }
    for name in document.keys where !["groupBy", "boundaries", "default", "output"].contains(name) {
      throw .rejected(40197, "Unrecognized option to $bucket: \(name)")
    }
    guard let groupBy = document["groupBy"], let limits = document["boundaries"] else {
      throw .rejected(40198, "$bucket requires 'groupBy' and 'boundaries' to be specified")
    }
    try Self.check(groupBy, 40202)
    key = try parser.compiler.compile(groupBy)
    boundaries = try Self.boundaries(limits)
    other = document["default"]
    if let other, let least = boundaries.first, let most = boundaries.last {
      let isInside = Value.order(other, least) >= 0 && Value.order(other, most) < 0
      guard !isInside else {
        throw .rejected(
          40199,
          "The $bucket 'default' field must be less than the lowest boundary or not less than the highest"
        )
      }
    }
    fields = try Self.fields(document["output"], parser)
  }

  static func check(_ groupBy: Value, _ code: Int) throws(PrivataError) {
    switch groupBy {
    case .string(let text) where text.hasPrefix("$"): return
    case .document: return
    default:
      throw .rejected(
        code, "'groupBy' must be defined as a $-prefixed path or an expression object")
    }
  }

  private static func boundaries(_ value: Value) throws(PrivataError) -> [Value] {
    guard case .array(let values) = value else {
      throw .rejected(40200, "The $bucket 'boundaries' field must be an array")
    }
    guard values.count >= 2 else {
      throw .rejected(40192, "The $bucket 'boundaries' field must have at least 2 values")
    }
    for (a, b) in zip(values, values.dropFirst()) {
      guard a.orderClass == b.orderClass else {
        throw .rejected(
          40193, "All values in the 'boundaries' option to $bucket must have the same type")
      }
      guard Value.order(a, b) < 0 else {
        throw .rejected(40194, "The 'boundaries' option to $bucket must be sorted")
      }
    }
    return values
  }

  static func fields(
    _ output: Value?, _ parser: PipelineParser
  ) throws(PrivataError) -> [(String, AccumulatorPlan)] {
    guard let output else {
      return [("count", try AccumulatorPlan("count", ["$sum": 1], parser.compiler))]
    }
    guard case .document(let document) = output else {
      throw .rejected(40196, "The 'output' field of a bucket must be an object")
    }
    var fields: [(String, AccumulatorPlan)] = []
    for element in document.elements {
      fields.append((element.key, try AccumulatorPlan(element.key, element.value, parser.compiler)))
    }
    return fields
  }

  /// The buckets that have documents, by their lower bound.
  func run(_ documents: [Document], _ scope: PipelineScope) throws(PrivataError) -> [Document] {
    var places: [Value: Int] = [:]
    var buckets: [(id: Value, accumulators: [Accumulator])] = []
    for document in documents {
      let context = scope.context(document)
      let id = try bound(try key(context), scope.order)
      let place = places[scope.order.key(id)] ?? buckets.count
      if place == buckets.count {
        places[scope.order.key(id)] = place
        var accumulators: [Accumulator] = []
        for field in fields { accumulators.append(try field.1.start(context)) }
        buckets.append((id, accumulators))
      }
      for (index, field) in fields.enumerated() {
        try field.1.add(context, to: &buckets[place].accumulators[index])
      }
    }
    buckets.sort { scope.order.compare($0.id, $1.id) < 0 }
    return buckets.map { bucket in
      var result: [Document.Element] = [.init(key: "_id", value: bucket.id)]
      for (field, accumulator) in zip(fields, bucket.accumulators) {
        result.append(.init(key: field.0, value: accumulator.result(scope.order)))
      }
      return Document(result)
    }
  }

  private func bound(_ value: Value?, _ order: ValueOrder) throws(PrivataError) -> Value {
    if let value, let most = boundaries.last, order.compare(value, most) < 0,
      let bound = boundaries.last(where: { order.compare($0, value) <= 0 })
    {
      return bound
    }
    guard let other else {
      throw .rejected(
        4934200, "a value lies outside of the boundaries of $bucket, and no default was specified")
    }
    return other
  }
}

/// `$bucketAuto`: groups of about equal size.
struct BucketAutoStage: Sendable {
  private let key: Evaluator
  private let count: Int
  private let fields: [(String, AccumulatorPlan)]

  /// Compiles the stage.
  init(_ value: Value, _ parser: PipelineParser) throws(PrivataError) {
    guard case .document(let document) = value else {
      throw .rejected(40240, "The argument to $bucketAuto must be an object")
    }
    for name in document.keys where !["groupBy", "buckets", "output", "granularity"].contains(name)
    {
      throw .rejected(40245, "Unrecognized option to $bucketAuto: \(name)")
    }
    if let granularity = document["granularity"] {
      let names = ["R5", "R10", "R20", "R40", "R80", "1-2-5", "POWERSOF2"]
      let known = names + ["E6", "E12", "E24", "E48", "E96", "E192"]
      guard let name = granularity.asString, known.contains(name) else {
        throw .rejected(
          granularity.asString == nil ? 40261 : 40257, "Unknown rounding granularity")
      }
      throw PrivataError(.unsupported, "$bucketAuto's granularity is answered by MongoDB only")
    }
    guard let groupBy = document["groupBy"], let buckets = document["buckets"] else {
      throw .rejected(40246, "$bucketAuto requires 'groupBy' and 'buckets' to be specified")
    }
    try BucketStage.check(groupBy, 40239)
    key = try parser.compiler.compile(groupBy)
    guard buckets.isNumber else {
      throw .rejected(40241, "The $bucketAuto 'buckets' field must be a numeric value")
    }
    guard let number = buckets.exactInteger.flatMap({ Int32(exactly: $0) }) else {
      throw .rejected(
        40242, "The $bucketAuto 'buckets' field must be representable as a 32-bit integer")
    }
    guard number > 0 else {
      throw .rejected(40243, "The $bucketAuto 'buckets' field must be greater than 0")
    }
    count = Int(number)
    fields = try BucketStage.fields(document["output"], parser)
  }

  /// The buckets; equal values are never divided.
  func run(_ documents: [Document], _ scope: PipelineScope) throws(PrivataError) -> [Document] {
    var rows: [(key: Value, document: Document, position: Int)] = []
    for (position, document) in documents.enumerated() {
      rows.append((try key(scope.context(document)) ?? .null, document, position))
    }
    rows.sort { a, b in
      let order = scope.order.compare(a.key, b.key)
      return order == 0 ? a.position < b.position : order < 0
    }
    let size = max(1, Int((Double(rows.count) / Double(count)).rounded()))
    var buckets: [(least: Value, range: Range<Int>)] = []
    var start = 0
    while start < rows.count {
      var end = buckets.count == count - 1 ? rows.count : min(rows.count, start + size)
      while end < rows.count, scope.order.equal(rows[end].key, rows[end - 1].key) { end += 1 }
      buckets.append((rows[start].key, start..<end))
      start = end
    }
    var results: [Document] = []
    for (index, bucket) in buckets.enumerated() {
      let most =
        index + 1 < buckets.count ? buckets[index + 1].least : rows[bucket.range.upperBound - 1].key
      var result: Document = ["_id": ["min": bucket.least, "max": most]]
      for field in fields {
        var accumulator = try field.1.start(scope.context(rows[bucket.range.lowerBound].document))
        for row in rows[bucket.range] {
          try field.1.add(scope.context(row.document), to: &accumulator)
        }
        result.append(field.0, accumulator.result(scope.order))
      }
      results.append(result)
    }
    return results
  }
}
