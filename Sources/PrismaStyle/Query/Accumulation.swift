internal import PrivataCore

/// `_count`, `_sum`, `_avg`, `_min` and `_max` over a group of records. Missing values are passed
/// over; a sum or average of none is null.
struct Accumulation: Sendable {
  /// `true` in `_count`: the number of records, answered as a bare number.
  var countsAll = false
  var counts: [String] = []
  var measures: [(word: String, fields: [FieldSchema])] = []

  static let words: Set<String> = ["_count", "_sum", "_avg", "_min", "_max"]

  init(_ arguments: Arguments) throws(PrivataError) {
    let model = arguments.model
    for word in ["_count", "_avg", "_sum", "_min", "_max"] {
      guard let value = arguments[word] else { continue }
      if word == "_count", value == true {
        countsAll = true
        continue
      }
      var fields: [FieldSchema] = []
      for element in value.asDocument?.elements ?? [] where element.value == true {
        if word == "_count", element.key == "_all" {
          counts.append("_all")
          continue
        }
        guard let field = model.schema.field(element.key) else {
          throw .refused(
            "\(model.name) has no field '\(element.key)'", model: model.name, fields: [element.key])
        }
        if ["_sum", "_avg"].contains(word), !field.isNumeric {
          throw .refused("'\(field.name)' is no number", model: model.name, fields: [field.name])
        }
        if word == "_count" { counts.append(field.name) } else { fields.append(field) }
      }
      if word != "_count" { measures.append((word, fields)) }
    }
  }

  /// The fields that are looked at.
  var fields: [String] {
    counts.filter { $0 != "_all" } + measures.flatMap { $0.fields.map(\.name) }
  }

  /// The figures of a group, as Prisma nests them.
  func figures(_ rows: [Document]) -> Document {
    var figures = Document()
    if countsAll { figures["_count"] = .int(rows.count) }
    if !counts.isEmpty {
      figures["_count"] = .document(
        Document(counts.map { .init(key: $0, value: .int(Self.count(rows, $0))) }))
    }
    for (word, fields) in measures {
      figures[word] = .document(
        Document(fields.map { .init(key: $0.name, value: Self.figure(word, $0, rows)) }))
    }
    return figures
  }

  private static func count(_ rows: [Document], _ field: String) -> Int {
    field == "_all" ? rows.count : rows.count { $0[field].map { !$0.isNull } ?? false }
  }

  /// One figure over the values of a field.
  static func figure(_ word: String, _ field: FieldSchema, _ rows: [Document]) -> Value {
    let values = rows.compactMap { $0[field.name] }.filter { !$0.isNull }
    switch word {
    case "_count": return .int(values.count)
    case "_min": return values.min { Value.order($0, $1) < 0 } ?? .null
    case "_max": return values.max { Value.order($0, $1) < 0 } ?? .null
    case "_sum": return sum(values)
    default: return average(values)
    }
  }

  private static func sum(_ values: [Value]) -> Value {
    guard let first = values.first else { return .null }
    if case .decimal = first {
      return .decimal(decimals(values))
    }
    let integers = values.compactMap(\.asInt)
    if integers.count == values.count, !values.contains(where: { $0.typeName == "double" }) {
      let (total, overflow) = integers.reduce((0, false)) { sum, next in
        let (total, more) = sum.0.addingReportingOverflow(next)
        return (total, sum.1 || more)
      }
      if !overflow { return .int(total) }
    }
    return .double(values.compactMap(\.asDouble).reduce(0, +))
  }

  private static func average(_ values: [Value]) -> Value {
    guard let first = values.first else { return .null }
    if case .decimal = first {
      let total = Double("\(decimals(values))") ?? .nan
      return Decimal128("\(total / Double(values.count))").map { .decimal($0) } ?? .null
    }
    return .double(values.compactMap(\.asDouble).reduce(0, +) / Double(values.count))
  }

  private static func decimals(_ values: [Value]) -> Decimal128 {
    values.reduce(Decimal128("0") ?? Decimal128(high: 0x3040_0000_0000_0000, low: 0)) { sum, next in
      if case .decimal(let decimal) = next { sum + decimal } else { sum }
    }
  }
}

extension FieldSchema {
  fileprivate var isNumeric: Bool {
    switch type {
    case .int32, .int64, .double, .number, .decimal: true
    default: false
    }
  }
}
