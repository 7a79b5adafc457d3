internal import PrivataCore

extension FieldMask {
  /// The mask for a query: one that asks for fields reserved to who wrote them means only the records
  /// that the caller wrote.
  func asking(_ query: Query) -> FieldMask {
    guard let decision, !decision.reserved.isEmpty else { return self }
    var use = FieldUse(query.filter, in: separation)
    if query.answer == .rows { use.formUnion(named(by: query.projection)) }
    if case .distinct(let path) = query.answer { use.insert(path: path) }
    for key in query.sort { use.insert(path: key.path) }
    return bound(to: use, decision)
  }

  /// What a projection asks for by name: one that leaves fields out leaves the reserved ones out.
  private func named(by projection: Projection) -> FieldUse {
    if case .document(let document) = projection, !document.isInclusion { return FieldUse() }
    return FieldUse(projection)
  }

  /// The mask for a change of fields under a filter.
  func asking(_ filter: Filter, _ changed: [String]) -> FieldMask {
    guard let decision, !decision.reserved.isEmpty else { return self }
    var use = FieldUse(filter, in: separation)
    use.names.formUnion(changed)
    return bound(to: use, decision)
  }

  private func bound(to use: FieldUse, _ decision: PolicyDecision) -> FieldMask {
    var mask = self
    for (field, originator) in decision.reserved.sorted(by: { $0.key < $1.key })
    where use.names.contains(field) || use.isAll {
      mask.conditions.append(.isActor(originator))
    }
    return mask
  }

  /// A pipeline as a statistical purpose may run it: groups of too few records are left out.
  ///
  /// - Throws: `accessDenied` for a stage that answers records, or counts what is no record.
  func statistical(_ stages: [Document]) throws(PrivataError) -> [Document] {
    guard decision?.isStatistical == true else { return stages }
    var out: [Document] = []
    var isGrouped = false
    for stage in stages {
      guard let name = stage.keys.first, let body = stage[name] else { continue }
      switch name {
      case "$match", "$sort": out.append(stage)
      case "$group" where !isGrouped:
        out += grouped(body.asDocument ?? [:])
        isGrouped = true
      case "$count" where !isGrouped:
        out += grouped(["_id": .null, body.asString ?? "count": ["$sum": 1]])
        out.append(["$unset": "_id"])
        isGrouped = true
      case "$project", "$limit", "$skip", "$unset", "$addFields", "$set":
        guard isGrouped else { throw notStatistical(name) }
        out.append(stage)
      default: throw notStatistical(name)
      }
    }
    guard isGrouped else { throw notStatistical("a pipeline without $group or $count") }
    return out
  }

  private static let size = "_privataGroup"

  private func grouped(_ group: Document) -> [Document] {
    var group = group
    group[Self.size] = ["$sum": 1]
    return [
      ["$group": .document(group)],
      ["$match": [Self.size: ["$gte": .int(smallestGroup)]]],
      ["$unset": .string(Self.size)],
    ]
  }

  private func notStatistical(_ what: String) -> PrivataError {
    PrivataError(
      .accessDenied, "\(what) may tell about one record, and this purpose sees groups only",
      model: model.name)
  }
}
