internal import PrivataCore

/// Where data of the subjects of a model is: the model itself, and every field of every model that
/// refers to it, or to a record that goes with the person.
struct SubjectGraph: Sendable {
  let root: Separation
  let edges: [Edge]
  private let registry: SeparationRegistry

  /// A field that refers to the subject.
  struct Edge: Sendable {
    let separation: Separation
    let field: FieldSchema
    /// The field of the subject's model that the values are those of.
    let target: String
    let isArray: Bool

    /// True where the field holds pseudonyms, in the clinical store.
    var isClinical: Bool { separation.references[field.name] != nil }

    /// The half that holds the field.
    var half: Half { separation.holds(field.name, in: .identity) ? .identity : .clinical }

    /// The half's model.
    var physical: ModelSchema? {
      half == .identity ? separation.identity : separation.clinical
    }

    /// The rows that refer to a value.
    func filter(_ value: Value) -> Filter {
      guard isArray else { return .compare(field.name, .equal, value) }
      return separation.model.isOpen
        ? .document(Document([.init(key: field.name, value: value)]))
        : .list(field.name, .hasSome, [value])
    }
  }

  /// What happens to the rows that refer to the person.
  enum Fate { case delete, detach }

  /// The graph over all models that the vault knows.
  init(_ model: ModelSchema, _ registry: SeparationRegistry) throws(PrivataError) {
    root = try registry.separation(of: model)
    edges = try Self.edges(to: model, registry)
    self.registry = registry
  }

  private static func edges(
    to model: ModelSchema, _ registry: SeparationRegistry
  ) throws(PrivataError) -> [Edge] {
    var edges: [Edge] = []
    for other in registry.models.sorted(by: { $0.name < $1.name }) {
      let separation = try registry.separation(of: other)
      for field in other.fields {
        guard let reference = field.reference, reference.model == model.name else { continue }
        var isArray = false
        if case .array = field.type { isArray = true }
        edges.append(
          Edge(
            separation: separation, field: field, target: reference.field ?? model.key.name,
            isArray: isArray))
      }
    }
    return edges
  }

  /// What refers to rows that go with the person.
  func edges(to separation: Separation) -> [Edge] {
    guard separation.model !== root.model else { return [] }
    return (try? Self.edges(to: separation.model, registry)) ?? []
  }

  /// Every edge, with those of records that belong to the person's.
  var all: [Edge] {
    var all = edges
    var seen: Set<String> = [root.model.name]
    var index = 0
    while index < all.count {
      let separation = all[index].separation
      index += 1
      if seen.insert(separation.model.name).inserted { all += edges(to: separation) }
    }
    return all
  }

  /// What happens to the rows of an edge: what they declare, else what the model's data asks for.
  func fate(_ edge: Edge) -> Fate {
    switch edge.field.reference?.onDelete {
    case .cascade?: return .delete
    case .setNull?: return .detach
    default: break
    }
    // A list names several people, and a record of the same model is somebody else.
    if edge.isArray || edge.separation.model === root.model { return .detach }
    return edge.separation.isPersonal || !edge.field.isOptional ? .delete : .detach
  }

  /// The edges of a model, by its name.
  func edges(of model: String) -> [Edge] { edges.filter { $0.separation.model.name == model } }
}
