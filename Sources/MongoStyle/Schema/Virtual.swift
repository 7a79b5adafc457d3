public import PrivataCore

/// A path that is computed or populated, and not stored.
public struct VirtualPath: Sendable {
  public var name: String
  public var getter: (@Sendable (MongoDocument) throws -> Value)?
  public var setter: (@Sendable (Value, MongoDocument) throws -> Void)?
  /// What `populate` fills in.
  public var population: VirtualPopulation?

  /// A virtual with a getter, a setter or a population.
  public init(
    _ name: String, get getter: (@Sendable (MongoDocument) throws -> Value)? = nil,
    set setter: (@Sendable (Value, MongoDocument) throws -> Void)? = nil,
    population: VirtualPopulation? = nil
  ) {
    self.name = name
    self.getter = getter
    self.setter = setter
    self.population = population
  }
}

/// Documents of another model that point back: what `populate` fills a virtual with.
public struct VirtualPopulation: Sendable {
  /// The other model; `nil` where ``refPath`` says.
  public var ref: ModelReference?
  public var refPath: RefPath?
  /// The field of this model; several for composite keys.
  public var localFields: [String]
  public var foreignFields: [String]
  /// One document (or null) in place of a list.
  public var justOne: Bool
  /// The number of documents in place of them.
  public var count: Bool
  public var match: PopulateMatch?
  public var options: PopulateOptions

  /// A population of a virtual.
  ///
  /// ```swift
  /// schema.virtual("sessions", VirtualPopulation(
  ///   ref: "Session", localField: "_id", foreignField: "user"))
  /// ```
  public init(
    ref: String, localField: String, foreignField: String, justOne: Bool = false,
    count: Bool = false, match: PopulateMatch? = nil, options: PopulateOptions = PopulateOptions()
  ) {
    self.ref = .named(ref)
    localFields = [localField]
    foreignFields = [foreignField]
    self.justOne = justOne
    self.count = count
    self.match = match
    self.options = options
  }
}

extension Schema {
  /// Adds a computed path.
  ///
  /// ```swift
  /// schema.virtual("fullName") { "\($0.text("firstName")) \($0.text("lastName"))" }
  /// ```
  public mutating func virtual(
    _ name: String, get getter: (@Sendable (MongoDocument) throws -> PrivataCore.Value)? = nil,
    set setter: (@Sendable (PrivataCore.Value, MongoDocument) throws -> Void)? = nil
  ) {
    identity = SchemaIdentity()
    virtuals.removeAll { $0.name == name }
    virtuals.append(VirtualPath(name, get: getter, set: setter))
  }

  /// Adds a path that `populate` fills with documents that point back.
  public mutating func virtual(_ name: String, _ population: VirtualPopulation) {
    identity = SchemaIdentity()
    virtuals.removeAll { $0.name == name }
    virtuals.append(VirtualPath(name, population: population))
  }
}
