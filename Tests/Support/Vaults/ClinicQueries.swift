public import PrivataCore

/// Random queries over the models of a clinic.
public struct ClinicQueries: Sendable {
  public var source: SeededSource
  private let models: ClinicModels
  private let records: ClinicRecords

  public init(_ models: ClinicModels, _ records: ClinicRecords, seed: Int) {
    self.models = models
    self.records = records
    source = SeededSource(seed)
  }

  /// A query for documents.
  public mutating func next() -> Query {
    let model = source.pick([
      models.patient, models.patient, models.patient, models.session, models.clinic,
    ])
    var query = Query(model, where: filter(model))
    if source.chance(60) { query.sort = sort(model) }
    if source.chance(40) { query.limit = source.int(1...12) }
    if source.chance(25) { query.skip = source.int(0...10) }
    if source.chance(35) { query.projection = projection(model) }
    switch source.int(1...10) {
    case 1:
      query.answer = .count
      query.sort = []
    case 2:
      query = Query(model, where: query.filter, answer: .exists)
    case 3:
      query = Query(model, where: query.filter, answer: .distinct(source.pick(paths(model))))
    default: break
    }
    if query.answer != .rows { query.projection = .all }
    return query
  }

  private func fields(_ model: ModelSchema) -> [String] {
    model.fields.map(\.name).filter { $0 != "_id" }
  }

  private func paths(_ model: ModelSchema) -> [String] {
    switch model.name {
    case "Patient": fields(model) + ["address.city", "notes.score", "notes.0.text", "_id"]
    case "Session": fields(model) + ["team.0", "_id"]
    default: fields(model) + ["_id"]
    }
  }

  // MARK: Filters

  private mutating func filter(_ model: ModelSchema, depth: Int = 0) -> Filter {
    if source.chance(10) { return .all }
    return .document(document(model, depth: depth))
  }

  private mutating func document(_ model: ModelSchema, depth: Int) -> Document {
    if depth < 2, source.chance(25) {
      let parts = (0..<source.int(1...3)).map { _ in
        Value.document(document(model, depth: depth + 1))
      }
      return Document([.init(key: source.pick(["$and", "$or", "$nor"]), value: .array(parts))])
    }
    if depth == 0, source.chance(5) { return expression(model) }
    var conditions: Document = [:]
    for _ in 0..<source.int(1...2) {
      let path = source.pick(paths(model))
      conditions[path] = condition(path, model)
    }
    return conditions
  }

  private mutating func expression(_ model: ModelSchema) -> Document {
    let a = "$" + source.pick(fields(model))
    let b = "$" + source.pick(fields(model))
    return ["$expr": ["$gte": [.string(a), .string(b)]]]
  }

  private mutating func condition(_ path: String, _ model: ModelSchema) -> Value {
    let value = value(path, model)
    switch source.int(1...10) {
    case 1: return ["$ne": value]
    case 2: return ["$in": [value, self.value(path, model), .null]]
    case 3: return ["$nin": [value, self.value(path, model)]]
    case 4: return ["$gte": value]
    case 5: return ["$lt": value]
    case 6: return ["$exists": .bool(source.chance(50))]
    case 7: return ["$not": ["$eq": value]]
    case 8: return .null
    default: return value
    }
  }

  private mutating func value(_ path: String, _ model: ModelSchema) -> Value {
    switch path {
    case "_id", "patient", "team", "team.0":
      .objectID(source.chance(85) ? source.pick(records.patientIDs) : ObjectID(high: 1, low: 1))
    case "clinic": .objectID(source.pick(records.clinicIDs))
    case "name": .string(source.pick(ClinicRecords.names))
    case "email": .string("p\(source.int(0...60))@example.org")
    case "role": .string(source.pick(ClinicRecords.roles))
    case "ward", "city", "address.city": .string(source.pick(ClinicRecords.wards))
    case "diagnosis": .string(source.pick(ClinicRecords.diagnoses))
    case "age": .int(source.int(0...12))
    case "level", "notes.score", "beds": .int(source.int(0...4))
    case "minutes": .int(source.int(1...6) * 10)
    case "weight": .double(Double(source.int(40...50)) / 2)
    case "createdAt", "at": .date(DateTime(milliseconds: Int64(source.int(0...9)) * 1000))
    case "address":
      ["city": .string(source.pick(ClinicRecords.wards)), "no": .int(source.int(0...4))]
    default: .string(source.pick(ClinicRecords.words))
    }
  }

  // MARK: Order and fields

  private mutating func sort(_ model: ModelSchema) -> [SortKey] {
    // Two arrays in one order are refused by every store.
    let arrays: Set<String> = [
      "tags", "allergies", "notes", "team", "notes.score", "notes.0.text", "team.0",
    ]
    var keys: [SortKey] = []
    for _ in 0..<source.int(1...2) {
      let path = source.pick(paths(model))
      if keys.contains(where: { $0.path == path }) { continue }
      if arrays.contains(path), keys.contains(where: { arrays.contains($0.path) }) { continue }
      keys.append(SortKey(path, descending: source.chance(50)))
    }
    return keys
  }

  private mutating func projection(_ model: ModelSchema) -> Projection {
    var document = Document()
    let isInclusion = source.chance(60)
    for _ in 0..<source.int(1...3) {
      document[source.pick(fields(model))] = .int32(isInclusion ? 1 : 0)
    }
    if source.chance(25) { document["_id"] = 0 }
    return .document(document)
  }

  // MARK: Typed queries

  /// A query for cells.
  public mutating func typed() -> Query {
    let model = models.staff
    var query = Query(model, where: condition(model, depth: 0), layout: .cells)
    if source.chance(60) {
      query.sort = [SortKey(source.pick(model.fields).name, descending: source.chance(50))]
    }
    if source.chance(40) { query.limit = source.int(1...9) }
    if source.chance(25) { query.skip = source.int(0...6) }
    if source.chance(40) {
      let names = model.fields.map(\.name).shuffled(using: &source)
      query.projection = .fields(Array(names.prefix(source.int(1...4))))
    }
    switch source.int(1...10) {
    case 1: query.answer = .count
    case 2: query = Query(model, where: query.filter, answer: .exists, layout: .cells)
    default: break
    }
    return query
  }

  private mutating func condition(_ model: ModelSchema, depth: Int) -> Filter {
    if depth < 2, source.chance(35) {
      let parts = (0..<source.int(1...3)).map { _ in condition(model, depth: depth + 1) }
      return source.pick([.and(parts), .or(parts), .not(parts[0])])
    }
    let field = source.pick(model.fields)
    let value = typedValue(field)
    switch source.int(1...8) {
    case 1: return .all
    case 2: return .isNull(field.name)
    case 3: return .isNotNull(field.name)
    case 4: return .isIn(field.name, [value, typedValue(field)])
    case 5: return .isNotIn(field.name, [value, typedValue(field)])
    case 6 where field.type == .string:
      return .text(
        field.name, source.pick([.contains, .startsWith]), "A", ignoringCase: source.chance(50))
    case 6, 7:
      let comparison = source.pick([
        Filter.Comparison.less, .greater, .lessOrEqual, .greaterOrEqual, .notEqual,
      ])
      return .compare(field.name, field.type == .bool ? .notEqual : comparison, value)
    default: return .compare(field.name, .equal, value)
    }
  }

  private mutating func typedValue(_ field: FieldSchema) -> Value {
    switch field.name {
    case "id": .int64(Int64(source.int(1...40)))
    case "name": .string(source.pick(ClinicRecords.names))
    case "grade": .int32(Int32(source.int(1...4)))
    case "since": .date(DateTime(milliseconds: Int64(source.int(0...9)) * 1000))
    case "vaccinated": .bool(source.chance(50))
    case "blood": .string(source.pick(["A", "B", "0"]))
    default: .double(Double(source.int(0...4)) / 2)
    }
  }
}
