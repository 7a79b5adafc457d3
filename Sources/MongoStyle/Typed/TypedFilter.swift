internal import PrivataCore

/// Reads a filter of MongoDB's language as conditions on a struct's fields.
///
/// A struct's fields are scalars or lists kept whole, so the language is the part of it that speaks
/// of such: comparisons, `$in`, `$nin`, `$exists`, `$not`, `$and`, `$or`, `$nor`.
struct TypedFilter {
  let schema: ModelSchema

  init(_ schema: ModelSchema) { self.schema = schema }

  func filter(_ document: Document) throws(PrivataError) -> Filter {
    var parts: [Filter] = []
    for element in document.elements {
      parts.append(
        element.key.hasPrefix("$")
          ? try logical(element.key, element.value) : try condition(element.key, element.value))
    }
    return parts.isEmpty ? .all : parts.count == 1 ? parts[0] : .and(parts)
  }

  private func logical(_ name: String, _ value: Value) throws(PrivataError) -> Filter {
    guard ["$and", "$or", "$nor"].contains(name) else { throw unknown(name, nil) }
    guard case .array(let given) = value, !given.isEmpty else {
      throw PrivataError(
        .badArgument, "\(name) takes a list of at least one filter", model: schema.name)
    }
    var parts: [Filter] = []
    for value in given {
      guard case .document(let document) = value else {
        throw PrivataError(.badArgument, "\(name) takes a list of filters", model: schema.name)
      }
      parts.append(try filter(document))
    }
    switch name {
    case "$and": return .and(parts)
    case "$or": return .or(parts)
    default: return Self.negation(of: .or(parts))
    }
  }

  private func condition(_ name: String, _ value: Value) throws(PrivataError) -> Filter {
    let field = try field(name)
    guard case .document(let document) = value, let first = document.elements.first,
      first.key.hasPrefix("$")
    else { return equality(field, try cast(value, field)) }
    return try operators(document, field)
  }

  private func operators(
    _ document: Document, _ field: FieldSchema
  ) throws(PrivataError) -> Filter {
    var parts: [Filter] = []
    for element in document.elements {
      parts.append(try operation(element.key, element.value, field))
    }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private func operation(
    _ name: String, _ value: Value, _ field: FieldSchema
  ) throws(PrivataError) -> Filter {
    switch name {
    case "$eq": return equality(field, try cast(value, field))
    case "$ne": return Self.negation(of: equality(field, try cast(value, field)))
    case "$gt": return .compare(field.name, .greater, try cast(value, field))
    case "$gte": return .compare(field.name, .greaterOrEqual, try cast(value, field))
    case "$lt": return .compare(field.name, .less, try cast(value, field))
    case "$lte": return .compare(field.name, .lessOrEqual, try cast(value, field))
    case "$in": return try membership(value, field, name)
    case "$nin": return Self.negation(of: try membership(value, field, name))
    case "$exists": return value.isTruthy ? .isNotNull(field.name) : .isNull(field.name)
    case "$not":
      guard case .document(let inner) = value else { throw unknown(name, field.name) }
      return Self.negation(of: try operators(inner, field))
    default: throw unknown(name, field.name)
    }
  }

  private func equality(_ field: FieldSchema, _ value: Value) -> Filter {
    value.isNullish ? .isNull(field.name) : .compare(field.name, .equal, value)
  }

  private func membership(
    _ value: Value, _ field: FieldSchema, _ name: String
  ) throws(PrivataError) -> Filter {
    guard case .array(let given) = value else {
      throw PrivataError(
        .badArgument, "\(name) of '\(field.name)' takes a list", fields: [field.name],
        model: schema.name)
    }
    var values: [Value] = []
    for value in given where !value.isNullish { values.append(try cast(value, field)) }
    let isIn = Filter.isIn(field.name, values)
    return given.contains(where: \.isNullish) ? .or([isIn, .isNull(field.name)]) : isIn
  }

  /// What MongoDB means by "not": true also where the field is missing.
  static func negation(of filter: Filter) -> Filter {
    switch filter {
    case .all: .none
    case .none: .all
    case .isNull(let name): .isNotNull(name)
    case .isNotNull(let name): .isNull(name)
    case .compare(let name, _, _), .isIn(let name, _): .or([.not(filter), .isNull(name)])
    case .and(let parts): .or(parts.map(negation))
    case .or(let parts): .and(parts.map(negation))
    default: .not(filter)
    }
  }

  private func field(_ name: String) throws(PrivataError) -> FieldSchema {
    if let field = schema.field(name) { return field }
    if name == "_id", schema.primaryKey.count == 1 { return schema.fields[schema.primaryKey[0]] }
    throw StrictModeError(
      name, message: "Path \"\(name)\" is not in schema and strictQuery is 'throw'."
    ).wrapped
  }

  private func cast(_ value: Value, _ field: FieldSchema) throws(PrivataError) -> Value {
    guard let kind = Self.kind(of: field.type) else { return value }
    do {
      return try CompiledPath.scalarCast(value, kind, PathOptions(), path: field.name)
    } catch let error as CastError {
      throw error.wrapped
    } catch {
      throw PrivataError(
        .wrongType, "'\(field.name)' cannot hold the value", fields: [field.name],
        model: schema.name, value: value)
    }
  }

  /// The kind of path that a type is cast as; `nil` for what is taken as it is given.
  private static func kind(of type: FieldType) -> CompiledPath.Kind? {
    switch type {
    case .bool: .boolean
    case .int32: .int32
    case .int64: .bigInt
    case .double: .double
    case .number: .number
    case .decimal: .decimal128
    case .string, .varchar: .string
    case .date: .date
    case .objectID: .objectID
    case .uuid: .uuid
    case .binary: .buffer
    case .document, .json, .array, .any: nil
    }
  }

  private func unknown(_ name: String, _ field: String?) -> PrivataError {
    PrivataError(
      .unknownOperator,
      "\(name) is no operator of a typed model's filter; a model of a Schema takes all of MongoDB's",
      fields: field.map { [$0] } ?? [], model: schema.name)
  }
}
