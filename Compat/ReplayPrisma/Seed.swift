import PrismaStyle
import PrivataCore
import ReplayKit

/// The recorded rows of every table, in an order that foreign keys allow.
struct Seed {
  private(set) var rows: [(model: ModelSchema, rows: [Document])] = []

  init(_ json: JSON?, _ recorded: RecordedSchema, _ schema: PrismaSchema) throws(ReplayFailure) {
    for model in ["User", "Tag"] { try read(json, model, recorded) }
    for model in recorded.models where !["User", "Tag"].contains(model.name) {
      try read(json, model.name, recorded)
    }
    for link in json?["links"]?.members ?? [] { try readLinks(link, schema) }
  }

  /// The rows of one model. Users come mentors first, as the seed's own note says.
  private mutating func read(
    _ json: JSON?, _ name: String, _ recorded: RecordedSchema
  ) throws(ReplayFailure) {
    guard let model = recorded.models.first(where: { $0.name == name }) else { return }
    var documents: [Document] = []
    for row in json?[name]?.elements ?? [] { documents.append(try Self.row(row, model)) }
    if name == "User" {
      let first: [Value] = ["u6", "u7", "u1"]
      let mentors = first.compactMap { id in documents.first { $0["id"] == id } }
      documents = mentors + documents.filter { !first.contains($0["id"] ?? .null) }
    }
    rows.append((model.schema, documents))
  }

  private static func row(_ json: JSON, _ model: PrismaModel) throws(ReplayFailure) -> Document {
    var row = Document()
    for field in model.schema.fields {
      let value = try json[field.name].map { json throws(ReplayFailure) in
        try RecordedArguments.value(json)
      }
      row.append(field.name, try typed(value ?? .null, field))
    }
    return row
  }

  private static func typed(_ value: Value, _ field: FieldSchema) throws(ReplayFailure) -> Value {
    switch (field.type, value) {
    case (.date, .string(let text)): DateTime(iso8601: text).map { .date($0) } ?? value
    case (.decimal, .string(let text)): Decimal128(text).map { .decimal($0) } ?? value
    case (.double, _): value.asDouble.map { .double($0) } ?? value
    default: value
    }
  }

  /// `"User.tags": [{"User": "u1", "Tag": "t2"}]`: the rows of the table between the two.
  private mutating func readLinks(
    _ link: JSON.Member, _ schema: PrismaSchema
  ) throws(ReplayFailure) {
    var documents: [Document] = []
    var names: [String] = []
    for row in link.value.elements ?? [] {
      let members = (row.members ?? []).sorted { $0.key < $1.key }
      guard members.count == 2 else { throw ReplayFailure("a link has two keys") }
      names = members.map(\.key)
      documents.append([
        "A": try TypedJSON.value(members[0].value), "B": try TypedJSON.value(members[1].value),
      ])
    }
    guard let table = schema.tables.first(where: { $0.name == "_" + names.joined(separator: "To") })
    else { throw ReplayFailure("no table for \(link.key)") }
    rows.append((table, documents))
  }

  /// The rows as cells, in the order of the first row's fields.
  static func batch(_ rows: [Document]) -> RowBatch {
    var batch = RowBatch(width: rows[0].count)
    for row in rows { for element in row.elements { batch.append(element.value) } }
    return batch
  }
}

/// Arguments of recorded calls: plain JSON with a few marked objects.
enum RecordedArguments {
  static func value(_ json: JSON) throws(ReplayFailure) -> Value {
    switch json.kind {
    case .object(let members):
      if members.count == 1, members[0].key == "$undefined" { return .undefined }
      if members.count == 1, members[0].key == "$null" { return .null }
      return .document(try document(members))
    case .array(let elements):
      var values: [Value] = []
      for element in elements { values.append(try value(element)) }
      return .array(values)
    default: return try TypedJSON.value(json)
    }
  }

  static func document(_ members: [JSON.Member]) throws(ReplayFailure) -> Document {
    var document = Document()
    for member in members { document.append(member.key, try value(member.value)) }
    return document
  }
}
