public import PrivataCore

/// A model as Prisma describes it: fields, relations, defaults, compound uniques.
///
/// ```swift
/// let session = PrismaModel(
///   ModelSchema(
///     name: "Session", collection: "Session",
///     fields: [.init("id", .string, isOptional: false), .init("userId", .string, isOptional: false)]),
///   relations: [.one("user", "User", fields: "userId", references: "id", onDelete: .cascade)],
///   defaults: ["id": .cuid])
/// ```
public struct PrismaModel: Sendable {
  /// The fields as stores see them.
  public var schema: ModelSchema
  public var relations: [PrismaRelation]
  /// What the client fills in for fields that a new record leaves out.
  public var defaults: [String: PrismaDefault]
  /// Fields that hold the moment of the last change (`@updatedAt`).
  public var updatedAt: Set<String>
  /// Unique combinations (`@@unique`), by the name that `where` uses.
  public var uniques: [PrismaUnique]

  /// A model.
  public init(
    _ schema: ModelSchema, relations: [PrismaRelation] = [],
    defaults: [String: PrismaDefault] = [:], updatedAt: Set<String> = [],
    uniques: [PrismaUnique] = []
  ) {
    self.schema = schema
    self.relations = relations
    self.defaults = defaults
    self.updatedAt = updatedAt
    self.uniques = uniques
  }

  /// The model's name.
  public var name: String { schema.name }

  /// The relation of that name.
  func relation(_ name: String) -> PrismaRelation? { relations.first { $0.name == name } }
}

/// A combination of fields that no two records share.
public struct PrismaUnique: Sendable, Hashable {
  /// What `where` calls the combination.
  public var name: String
  public var fields: [String]

  /// A unique combination; its usual name joins the fields by `_`.
  public init(_ fields: [String], name: String? = nil) {
    self.fields = fields
    self.name = name ?? fields.joined(separator: "_")
  }
}

/// What the client fills in.
public enum PrismaDefault: Sendable, Hashable {
  /// A collision-resistant id of 25 letters and digits.
  case cuid
  /// A random UUID in text form.
  case uuid
  /// The moment of the call.
  case now
  case value(Value)
}

/// A relation as one side declares it.
public struct PrismaRelation: Sendable, Hashable {
  /// How many records the other side has.
  public enum Kind: Sendable, Hashable { case one, many }

  /// What calls say for the relation.
  public var name: String
  public var kind: Kind
  /// The model on the other side.
  public var model: String
  /// The field that holds the key, on the side that holds it.
  public var field: String?
  /// The field of the other model that the key names.
  public var references: String?
  /// The name that tells two relations between the same models apart.
  public var label: String?
  public var onDelete: Reference.Action

  /// A to-one relation whose key this side holds.
  public static func one(
    _ name: String, _ model: String, fields field: String, references: String, label: String? = nil,
    onDelete: Reference.Action = .restrict
  ) -> PrismaRelation {
    PrismaRelation(
      name: name, kind: .one, model: model, field: field, references: references, label: label,
      onDelete: onDelete)
  }

  /// A to-one relation whose key the other side holds.
  public static func one(
    _ name: String, _ model: String, label: String? = nil
  ) -> PrismaRelation {
    PrismaRelation(
      name: name, kind: .one, model: model, field: nil, references: nil, label: label,
      onDelete: .noAction)
  }

  /// A to-many relation; many-to-many where the other side is to-many as well.
  public static func many(
    _ name: String, _ model: String, label: String? = nil
  ) -> PrismaRelation {
    PrismaRelation(
      name: name, kind: .many, model: model, field: nil, references: nil, label: label,
      onDelete: .noAction)
  }
}
