import PrivataCore

/// Changes as what MongoDB's update takes.
struct ChangesDocument {
  let target: Target

  /// The update document or pipeline.
  func value(_ changes: Changes) -> Value {
    switch changes {
    case .operators(let operators): .document(target.naming.operators(operators))
    case .pipeline(let stages): .array(stages.map { .document($0) })
    case .replacement(let record): .document(target.naming.document(record))
    case .assign(let assignments): assign(assignments)
    }
  }

  private func assign(_ assignments: [Assignment]) -> Value {
    if assignments.isEmpty { return ["$set": [:]] }
    if assignments.allSatisfy(isSimple) { return operators(assignments) }
    return .array(assignments.map { .document(stage($0)) })
  }

  /// True where an operator does what SQL does. Arithmetic on null does not: null is the result.
  private func isSimple(_ assignment: Assignment) -> Bool {
    switch assignment.operation {
    case .set, .unset: true
    case .increment, .multiply: field(assignment).map { !$0.isOptional } ?? false
    case .push: true
    case .decrement, .divide: false
    }
  }

  private func field(_ assignment: Assignment) -> FieldSchema? {
    target.model?.field(assignment.field)
  }

  private func operators(_ assignments: [Assignment]) -> Value {
    var operators = Document()
    for assignment in assignments {
      let (name, value) = simple(assignment)
      var paths = operators[name]?.asDocument ?? Document()
      paths[target.naming.path(assignment.field)] = value
      operators[name] = .document(paths)
    }
    return .document(operators)
  }

  private func simple(_ assignment: Assignment) -> (String, Value) {
    switch assignment.operation {
    case .unset: ("$unset", "")
    case .increment: ("$inc", assignment.value)
    case .multiply: ("$mul", assignment.value)
    case .push: ("$push", ["$each": .array(assignment.value.asArray ?? [assignment.value])])
    default: omitsNull(assignment) ? ("$unset", "") : ("$set", assignment.value)
    }
  }

  // A unique index would count a second null as a duplicate; SQL does not.
  private func omitsNull(_ assignment: Assignment) -> Bool {
    guard assignment.value.isNull, let model = target.model else { return false }
    return model.omitsNull(assignment.field)
  }

  private func stage(_ assignment: Assignment) -> Document {
    let path = target.naming.path(assignment.field)
    if assignment.operation == .unset || assignment.operation == .set && omitsNull(assignment) {
      return ["$unset": [.string(path)]]
    }
    return ["$set": [path: expression(assignment, .string("$" + path))]]
  }

  private func expression(_ assignment: Assignment, _ current: Value) -> Value {
    let value: Value = ["$literal": assignment.value]
    switch assignment.operation {
    case .increment: return ["$add": [current, value]]
    case .decrement: return ["$subtract": [current, value]]
    case .multiply: return ["$multiply": [current, value]]
    case .divide: return quotient(assignment, ["$divide": [current, value]])
    case .push:
      let added: Value = ["$literal": .array(assignment.value.asArray ?? [assignment.value])]
      return ["$concatArrays": [["$ifNull": [current, []]], added]]
    case .set, .unset: return value
    }
  }

  /// SQL divides integers to integers; MongoDB divides everything to doubles.
  private func quotient(_ assignment: Assignment, _ quotient: Value) -> Value {
    switch field(assignment)?.type {
    case .int32: ["$toInt": ["$trunc": quotient]]
    case .int64: ["$toLong": ["$trunc": quotient]]
    default: quotient
    }
  }
}

extension ModelSchema {
  /// True where null is stored as a missing field: an optional field of a unique index of a typed
  /// model, so that the index leaves it out and many records may have none.
  func omitsNull(_ name: String) -> Bool {
    guard !isOpen, let field = field(name), field.isOptional else { return false }
    return field.isUnique
      || indexes.contains { $0.isUnique && $0.parts.contains { $0.field == name } }
  }
}
