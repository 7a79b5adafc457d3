import PrivataCore

/// A typed model written by hand, with a field of each kind that conditions are built on.
struct Tag: Model, Equatable {
  var id: Int64
  var label: String
  var note: String?
  var weight: Double?
  var kind: Kind

  enum Kind: String, FieldValue, StoredFieldValue { case plain, urgent }

  struct Fields: Sendable {
    let id = Field<Tag, Int64>("id", at: 0)
    let label = Field<Tag, String>("label", at: 1)
    let note = Field<Tag, String?>("note", at: 2)
    let weight = Field<Tag, Double?>("weight", at: 3)
    let kind = Field<Tag, Kind>("kind", at: 4)
  }

  static let fields = Fields()
  static let schema = ModelSchema(
    name: "Tag", collection: "tags",
    fields: [
      FieldSchema("id", as: Int64.self), FieldSchema("label", as: String.self, isUnique: true),
      FieldSchema("note", as: String?.self, privacy: .phi),
      FieldSchema("weight", as: Double?.self), FieldSchema("kind", as: Kind.self),
    ])

  init(id: Int64, label: String, note: String? = nil, weight: Double? = nil, kind: Kind = .plain) {
    self.id = id
    self.label = label
    self.note = note
    self.weight = weight
    self.kind = kind
  }

  init(from row: RowView) throws(PrivataError) {
    id = try row.decode(at: 0)
    label = try row.decode(at: 1)
    note = try row.decode(at: 2)
    weight = try row.decode(at: 3)
    kind = try row.decode(at: 4)
  }

  func write(to row: inout RowWriter) throws(PrivataError) {
    row.append(id)
    row.append(label)
    row.append(note)
    row.append(weight)
    row.append(kind)
  }
}
