internal import PrivataCore

/// The `data` of a write, taken apart: the model's own fields, and operations on related records.
struct RecordData: Sendable {
  var scalars: [(field: FieldSchema, value: Value)] = []
  var related: [(link: RelationLink, operations: Document)] = []

  init(_ data: Document, _ model: PrismaModel, _ schema: PrismaSchema) throws(PrivataError) {
    for element in data.elements where element.value != .undefined {
      if let field = model.schema.field(element.key) {
        scalars.append((field, element.value))
      } else if let link = schema.link(element.key, of: model.name) {
        guard case .document(let operations) = element.value else {
          throw .refused(
            "'\(element.key)' takes operations such as 'create' or 'connect'", model: model.name,
            fields: [element.key])
        }
        related.append((link, operations))
      } else {
        throw .refused(
          "\(model.name) has no field '\(element.key)'", model: model.name, fields: [element.key])
      }
    }
  }

  /// The operations on relations whose key this record holds; they come before the record itself.
  var parents: [(link: RelationLink, operations: Document)] { related.filter { $0.link.holdsKey } }

  /// The operations on records that name this one; they come after it.
  var children: [(link: RelationLink, operations: Document)] {
    related.filter { !$0.link.holdsKey }
  }

  /// The values of a new record, typed and with defaults.
  ///
  /// - Throws: a refusal that names the first required field without a value.
  func record(
    _ model: PrismaModel, keys: Document, now: DateTime
  ) throws(PrivataError) -> Document {
    var record = Document()
    var given = Dictionary(scalars.map { ($0.field.name, $0.value) }) { _, last in last }
    for element in keys.elements { given[element.key] = element.value }
    for field in model.schema.fields {
      if let value = given[field.name] {
        let plain = value.asDocument.flatMap { field.takesSet ? $0["set"] : nil } ?? value
        record.append(field.name, try field.coerce(plain, model: model.name))
      } else if model.updatedAt.contains(field.name) {
        record.append(field.name, .date(now))
      } else if let value = model.defaults[field.name] {
        record.append(field.name, try field.coerce(value.make(at: now), model: model.name))
      } else if field.isList {
        record.append(field.name, .array([]))
      } else if !field.isGenerated && field.storeDefault == nil {
        guard field.isOptional else {
          throw .refused("'\(field.name)' is missing", model: model.name, fields: [field.name])
        }
      }
    }
    return record
  }

  /// The changes of an existing record, typed.
  func assignments(
    _ model: PrismaModel, keys: Document, now: DateTime
  ) throws(PrivataError) -> [Assignment] {
    var changes: [Assignment] = []
    for (field, value) in scalars { changes.append(try Self.assignment(field, value, model)) }
    for element in keys.elements { changes.append(Assignment(element.key, element.value)) }
    for name in model.updatedAt where !changes.contains(where: { $0.field == name }) {
      changes.append(Assignment(name, .date(now)))
    }
    return changes
  }

  private static let operations: [String: Assignment.Operation] = [
    "set": .set, "increment": .increment, "decrement": .decrement, "multiply": .multiply,
    "divide": .divide, "push": .push, "unset": .unset,
  ]

  private static func assignment(
    _ field: FieldSchema, _ value: Value, _ model: PrismaModel
  ) throws(PrivataError) -> Assignment {
    guard field.takesSet, case .document(let operators) = value else {
      return Assignment(field.name, try field.coerce(value, model: model.name))
    }
    guard operators.count == 1, let only = operators.elements.first,
      let operation = operations[only.key],
      field.isList == (operation == .push) || operation == .set
    else {
      throw .refused(
        "'\(field.name)' takes a value or one operation", model: model.name, fields: [field.name])
    }
    if operation == .push {
      let values = only.value.asArray ?? [only.value]
      var coerced: [Value] = []
      for value in values { coerced.append(try field.element.coerce(value, model: model.name)) }
      return Assignment(field.name, .array(coerced), .push)
    }
    return Assignment(field.name, try field.coerce(only.value, model: model.name), operation)
  }
}

extension FieldSchema {
  /// True where an object is an operation; for JSON and documents it is the value itself.
  fileprivate var takesSet: Bool {
    switch type {
    case .json, .any, .document: false
    default: true
    }
  }
}
