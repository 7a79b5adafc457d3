public import PrivataCore

/// Which records of a model a role may touch, said of the record and the actor.
///
/// ```swift
/// policy.scope("Patient", role: "clinician", to: .attribute("ward", "ward"))
/// policy.scope("Patient", role: "therapist", to: .related("Session", record: "patient", actor: "therapist"))
/// // where ward in the actor's wards;  where _id in (select patient from sessions where therapist = actor)
/// ```
///
/// The condition is part of the statement, so that counts, pages and aggregates are of the records
/// that may be seen, and a record that may not be seen answers as one that is not there.
public indirect enum RowCondition: Sendable, Hashable {
  /// The field holds the actor's id, alone or in a list.
  case isActor(String)
  /// The field holds one of the values of an attribute of the actor.
  case attribute(String, String)
  /// The field holds one of these values.
  case isIn(String, [Value])
  /// Another model has a record that names both: the record in one field, the actor in another.
  case related(String, record: String, actor: String)
  /// Every one of these.
  case all([RowCondition])
  /// One of these at least.
  case any([RowCondition])
}

extension RowCondition {
  /// The fields of the model that the condition reads.
  var fields: Set<String> {
    switch self {
    case .isActor(let field), .attribute(let field, _), .isIn(let field, _): [field]
    case .related: []
    case .all(let parts), .any(let parts): parts.reduce(into: []) { $0.formUnion($1.fields) }
    }
  }
}

/// Turns conditions on records into filters.
struct RowScope {
  let session: VaultSession
  let context: AccessContext
  let model: ModelSchema

  func filter(_ condition: RowCondition) async throws(PrivataError) -> Filter {
    switch condition {
    case .isActor(let field): return equal(field, [.string(context.actor.id)])
    case .attribute(let field, let name):
      let values = context.details?.attributes[name] ?? []
      return equal(field, values.sorted().map { .string($0) })
    case .isIn(let field, let values): return equal(field, values)
    case .related(let other, let record, let actor):
      return try await related(other, record, actor)
    case .all(let parts):
      var filter = Filter.all
      for part in parts { filter = filter.and(try await self.filter(part)) }
      return filter
    case .any(let parts):
      var filters: [Filter] = []
      for part in parts { filters.append(try await self.filter(part)) }
      return filters.isEmpty ? .none : .or(filters)
    }
  }

  private func equal(_ field: String, _ values: [Value]) -> Filter {
    guard let schema = model.field(field), !values.isEmpty else { return .none }
    if case .array = schema.type {
      return .document([field: ["$in": .array(values.map { $0.fitting(schema.type) })]])
    }
    return .isIn(field, values.map { $0.fitting(schema.type) })
  }

  private func related(
    _ other: String, _ record: String, _ actor: String
  ) async throws(PrivataError) -> Filter {
    guard let relation = session.core.registry.model(other) else {
      throw PrivataError(.unknownModel, "the policy names an unknown model '\(other)'")
    }
    let scope = RowScope(session: session, context: context, model: relation)
    let query = Query(
      relation, where: scope.equal(actor, [.string(context.actor.id)]),
      answer: .distinct(record))
    let rows = try await session.rows(query, session.separation(of: relation))
    let keys = (0..<rows.count).compactMap { rows.value(row: $0, column: 0) }
    return keys.isEmpty ? .none : .isIn(model.key.name, keys.filter { !$0.isNull })
  }
}

extension Value {
  /// The value as a field of the type holds it: ids and numbers come as texts from programs.
  func fitting(_ type: FieldType) -> Value {
    guard case .string(let text) = self else { return self }
    switch type {
    case .objectID: return ObjectID(text).map { .objectID($0) } ?? self
    case .int32: return Int32(text).map { .int32($0) } ?? self
    case .int64: return Int64(text).map { .int64($0) } ?? self
    case .array(let element): return fitting(element)
    default: return self
    }
  }
}
