internal import PrivataCore

/// A schema worked out once: every path by name, in the order of definition, and how dotted paths
/// lead through nested paths, subdocuments, arrays and maps.
final class CompiledSchema: Sendable {
  /// What a sub-model of a collection or array is told apart by.
  struct Mapping: Sendable {
    var key: String
    /// `nil` for the base.
    var value: Value?
    var isRoot: Bool { value == nil }
  }

  /// A path that holds subdocuments.
  struct Child: Sendable {
    var path: String
    var schema: CompiledSchema
  }

  /// What a dotted path leads to.
  enum Target: Sendable {
    case path(CompiledPath)
    case nested
  }

  enum PathType: Sendable { case real, virtual, nested, unknown }

  let identity: SchemaIdentity
  let options: SchemaOptions
  let entries: [SchemaPath.Entry]
  let all: [CompiledPath]
  let paths: [String: CompiledPath]
  let nested: Set<String>
  let virtuals: [VirtualPath]
  let virtualIndex: [String: Int]
  let aliases: [String: String]
  /// Paths below arrays, as `allergies.name` and `tags.$`.
  let subpaths: [String: Target]
  /// Paths below single subdocuments.
  let singleNested: [String: Target]
  let mapPaths: [CompiledPath]
  let children: [Child]
  let requiredPaths: [CompiledPath]
  let hooks: Hooks
  let mapping: Mapping?
  /// Sub-schemas by name.
  let discriminators: [String: CompiledSchema]
  let methods: [String: DocumentMethod]
  let statics: [String: ModelMethod]
  let queryHelpers: [String: QueryMethod]
  let indexes: [SchemaIndex]
  /// The top-level names in the order in which documents keep them.
  let order: [String: Int]
  let hasTransforms: Bool
  let hasGetters: Bool
  /// The short way into the store, for schemas that allow it.
  let flat: FlatForm?
  let reads: DirectReads

  init(_ builder: SchemaCompiler) {
    identity = builder.identity
    options = builder.options
    entries = builder.entries
    all = builder.all
    paths = builder.paths
    nested = builder.nested
    virtuals = builder.virtuals
    virtualIndex = Dictionary(
      builder.virtuals.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { $1 })
    aliases = builder.aliases
    subpaths = builder.subpaths
    singleNested = builder.singleNested
    mapPaths = builder.mapPaths
    children = builder.children
    requiredPaths = builder.all.filter { $0.options.required != nil }
    hooks = builder.hooks
    mapping = builder.mapping
    discriminators = builder.discriminators
    methods = builder.methods
    statics = builder.statics
    queryHelpers = builder.queryHelpers
    indexes = builder.indexes
    order = builder.order
    hasTransforms = builder.all.contains {
      $0.options.transform != nil || $0.element?.options.transform != nil
    }
    hasGetters = builder.all.contains {
      !$0.getters.isEmpty || !($0.element?.getters.isEmpty ?? true)
    }
    flat = FlatForm(builder)
    reads = DirectReads(builder)
  }

  func virtual(_ name: String) -> VirtualPath? { virtualIndex[name].map { virtuals[$0] } }

  /// The sub-schema whose key holds this value, by value or by name.
  func discriminator(for value: Value?) -> CompiledSchema? {
    guard let value, !value.isNullish, !discriminators.isEmpty else { return nil }
    if case .string(let name) = value, let named = discriminators[name] { return named }
    return discriminators.values.first { $0.mapping?.value?.isDeepEqual(to: value) ?? false }
  }

  /// The schema of a subdocument that holds these values.
  func resolved(for value: Value?, default fallback: Value? = nil) -> CompiledSchema {
    guard !discriminators.isEmpty else { return self }
    var key = value?.asDocument?[options.discriminatorKey]
    if key?.isNullish ?? true { key = fallback }
    return discriminator(for: key) ?? self
  }
}
