/// The leading stages of a pipeline that a query of the store answers: `$match`, `$sort`, `$skip`,
/// `$limit` and `$count`, and the fields that the rest needs.
///
/// ```swift
/// let source = AggregationSource([["$match": ["age": 36]], ["$count": "n"]], user, nil)
/// // a count where age is 36; no stage is left
/// ```
struct AggregationSource: Sendable {
  /// What the store is asked; `nil` where the stages need no records.
  private(set) var query: Query?
  /// The field of a count that the store answers.
  private(set) var countName: String?
  /// How many stages the query does.
  private(set) var stageCount = 0

  private var filters: [Document] = []
  private var limit: Int?
  private var skip = 0

  /// Takes as many stages as a query can do; all of them have been compiled before.
  init(_ stages: [Document], _ model: ModelSchema, _ options: QueryOptions?) {
    if stages.first?.keys.first == "$documents" { return }
    var query = Query(model, options: options)
    for stage in stages {
      guard let element = stage.elements.first, take(element.key, element.value, &query) else {
        break
      }
      stageCount += 1
      if countName != nil { break }
    }
    query.filter = filter
    query.skip = skip
    query.limit = limit
    if let fields = PipelineFields.needed(by: stages.dropFirst(stageCount)) {
      query.projection = Self.projection(fields)
    }
    self.query = limit == 0 ? nil : query
  }

  private mutating func take(_ name: String, _ value: Value, _ query: inout Query) -> Bool {
    switch name {
    case "$match":
      guard skip == 0, limit == nil, case .document(let filter) = value else { return false }
      if !filter.isEmpty { filters.append(filter) }
    case "$sort":
      guard query.sort.isEmpty, skip == 0, limit == nil, case .document(let keys) = value else {
        return false
      }
      query.sort = keys.elements.map { key in
        guard case .document = key.value else {
          return SortKey(key.key, descending: (key.value.exactInteger ?? 1) < 0)
        }
        return SortKey(key.key, isTextScore: true)
      }
    case "$skip":
      guard let count = value.exactInteger.map({ Int($0) }) else { return false }
      skip += count
      limit = limit.map { max(0, $0 - count) }
    case "$limit":
      guard let count = value.exactInteger.map({ Int($0) }) else { return false }
      limit = min(limit ?? count, count)
    case "$count":
      guard let name = value.asString, limit != 0 else { return false }
      countName = name
      query.answer = .count
      query.sort = []
    default: return false
    }
    return true
  }

  private var filter: Filter {
    switch filters.count {
    case 0: .all
    case 1: .document(filters[0])
    default: .document(["$and": .array(filters.map { .document($0) })])
    }
  }

  private static func projection(_ fields: Set<String>) -> Projection {
    var projection = Document()
    for field in fields.sorted() where field != "_id" { projection.append(field, 1) }
    if projection.isEmpty || fields.contains("_id") {
      projection.append("_id", 1)
    } else {
      projection.append("_id", 0)
    }
    return .document(projection)
  }
}
