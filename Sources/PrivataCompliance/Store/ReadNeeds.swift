internal import PrivataCore

/// The fields that a query reads, and which half can answer it alone.
struct ReadNeeds: Sendable {
  /// What the answer holds: names, or all fields.
  var output = FieldUse()
  /// What the order compares.
  var sort = FieldUse()
  var filter: SplitFilter

  init(_ query: Query, in separation: Separation) {
    filter = SplitFilter(query.filter, in: separation)
    for key in query.sort where !key.isTextScore { sort.insert(path: key.path) }
    switch query.answer {
    case .rows: output = FieldUse(query.projection)
    case .count, .exists: break
    case .distinct(let path): output.insert(path: path)
    }
  }

  /// All fields that have to be fetched to filter, order and answer in Swift.
  var fetched: FieldUse {
    var all = output
    all.formUnion(sort)
    all.formUnion(filter.residualUse)
    return all
  }

  /// True where the order is one of ids whose place pseudonyms take in the store.
  private func sortsByReference(in separation: Separation) -> Bool {
    !separation.references.isEmpty && sort.names.contains { separation.references[$0] != nil }
  }

  /// The half that can answer alone, `nil` where it takes both.
  func half(in separation: Separation) -> Half? {
    guard filter.residual == .all, !sortsByReference(in: separation) else { return nil }
    let halves = filter.halves
      .union(output.halves(in: separation)).union(sort.halves(in: separation))
    switch halves {
    case .both: return nil
    case .clinical: return .clinical
    case .identity: return .identity
    default: return separation.shape == .clinicalOnly ? .clinical : .identity
    }
  }
}

extension FieldUse {
  /// What a projection lets through.
  init(_ projection: Projection) {
    switch projection {
    case .all: isAll = true
    case .fields(let names): for name in names { insert(path: name) }
    case .document(let document): add(projection: document)
    }
  }

  private mutating func add(projection document: Document) {
    guard document.isInclusion else {
      isAll = true
      return
    }
    if document["_id"]?.isOff != true { names.insert("_id") }
    for element in document.elements where element.value.isOff != true {
      insert(path: element.key)
      add(expression: element.value)
    }
  }
}

extension Document {
  /// True for a MongoDB projection that names what to keep; `_id` may be left out either way, and
  /// `$slice`, `$elemMatch` and `$meta` alone keep the other fields.
  var isInclusion: Bool {
    for element in elements where element.key != "_id" {
      switch element.value {
      case .bool(let isOn): return isOn
      case .int32, .int64, .double, .decimal: return !element.value.isOff
      case .document(let operators):
        guard let name = operators.elements.first?.key, name != "$slice", name != "$meta" else {
          continue
        }
        return true
      default: return true
      }
    }
    return self["_id"].map { !$0.isOff } ?? false
  }
}

extension Value {
  /// False or zero: what leaves a field out of a projection.
  var isOff: Bool { asBool == false || asDouble == 0 }
}
