internal import PrivataCore

/// Where data of the subjects of a model is: the model itself, and every field of every model that
/// refers to it.
struct SubjectGraph: Sendable {
  let root: Separation
  let edges: [Edge]

  /// A field that refers to the subject.
  struct Edge: Sendable {
    let separation: Separation
    let field: FieldSchema
    /// The field of the subject's model that the values are those of.
    let target: String
    let isArray: Bool

    /// True where the field holds pseudonyms, in the clinical store.
    var isClinical: Bool { separation.references[field.name] != nil }
  }

  /// The graph over all models that the vault knows.
  init(_ model: ModelSchema, _ registry: SeparationRegistry) throws(PrivataError) {
    root = try registry.separation(of: model)
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
    self.edges = edges
  }
}
