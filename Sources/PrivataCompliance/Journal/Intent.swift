internal import PrivataCore

/// What a write over two stores is about to do, as the journal holds it: enough to finish or undo it
/// after a crash, and no value of any record.
enum Intent: Sendable, Hashable {
  /// Rows of both halves are added or removed. After a crash a clinical row whose pseudonym no
  /// identity row has is removed.
  case link(LinkIntent)
  /// Two transactions are about to commit. Where the clinical one did and the identity one did not,
  /// the sealed writes of the identity store are carried out.
  case commit(id: String, sealed: [UInt8])
}

/// Which rows an intent concerns, and where they are.
struct LinkIntent: Sendable, Hashable {
  var model: String
  var identity: TableName
  var clinical: TableName
  var links: [String]
}

/// A table or collection and its column of pseudonyms.
struct TableName: Sendable, Hashable {
  var namespace: String?
  var collection: String
  var link: String

  /// Enough of a model to find and delete rows by pseudonym. MongoDB keeps a key as `_id`, which the
  /// pseudonym of an identity row is not.
  func model(named name: String, on kind: StoreTraits.Kind) -> ModelSchema {
    var fields = [FieldSchema(link, .string, isOptional: false)]
    if kind == .mongo, link != "_id" { fields.insert(FieldSchema("_id", .any), at: 0) }
    return ModelSchema(
      name: name, collection: collection, namespace: namespace, fields: fields,
      primaryKey: [fields[0].name])
  }
}

extension Intent {
  /// The intent of a model's rows under these pseudonyms.
  static func link(_ separation: Separation, _ links: [String]) -> Intent {
    .link(LinkIntent(separation, links))
  }

  /// The bytes in the journal.
  var bytes: [UInt8] {
    var writer = ByteWriter(capacity: 256)
    switch self {
    case .link(let intent):
      writer.append(1)
      writer.append(text: intent.model)
      intent.identity.write(to: &writer)
      intent.clinical.write(to: &writer)
      writer.append(count: intent.links.count)
      for link in intent.links { writer.append(text: link) }
    case .commit(let id, let sealed):
      writer.append(2)
      writer.append(text: id)
      writer.append(block: sealed)
    }
    return writer.bytes
  }

  /// Reads an intent.
  init(_ reader: inout ByteReader) throws(PrivataError) {
    switch try reader.byte() {
    case 1:
      let model = try reader.text()
      let identity = try TableName(&reader)
      let clinical = try TableName(&reader)
      var links: [String] = []
      for _ in 0..<(try reader.count()) { links.append(try reader.text()) }
      self = .link(LinkIntent(model: model, identity: identity, clinical: clinical, links: links))
    case 2: self = .commit(id: try reader.text(), sealed: try reader.block())
    case let kind:
      throw PrivataError(
        .newerSchema, "the journal holds an intent of kind \(kind), which a newer version wrote")
    }
  }
}

extension LinkIntent {
  init(_ separation: Separation, _ links: [String]) {
    self.init(
      model: separation.model.name,
      identity: TableName(separation.identity, link: separation.link ?? ""),
      clinical: TableName(separation.clinical, link: separation.clinicalKey), links: links)
  }
}

extension TableName {
  init(_ model: ModelSchema?, link: String) {
    namespace = model?.namespace
    collection = model?.collection ?? ""
    self.link = link
  }

  fileprivate func write(to writer: inout ByteWriter) {
    writer.append(text: namespace ?? "")
    writer.append(text: collection)
    writer.append(text: link)
  }

  fileprivate init(_ reader: inout ByteReader) throws(PrivataError) {
    let name = try reader.text()
    namespace = name.isEmpty ? nil : name
    collection = try reader.text()
    link = try reader.text()
  }
}
