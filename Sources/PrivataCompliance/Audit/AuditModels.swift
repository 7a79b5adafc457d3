package import PrivataCore

/// The models in which the audit store keeps events and checkpoints.
package enum AuditModels {
  /// One row per event: the raw bytes, their place in the writer's tree, and the columns to search.
  package static let events = ModelSchema(
    name: "AuditEvent", collection: "privata_audit_events",
    fields: [
      FieldSchema("_id", .uuid, isOptional: false),
      FieldSchema("writer", .int64, isOptional: false),
      FieldSchema("sequence", .int64, isOptional: false),
      FieldSchema("at", .date, isOptional: false, isIndexed: true),
      FieldSchema("actor", .string, isOptional: false),
      FieldSchema("action", .string, isOptional: false),
      FieldSchema("model", .string, isOptional: false),
      FieldSchema("outcome", .int32, isOptional: false),
      FieldSchema("reference", .binary, isIndexed: true),
      FieldSchema("isBulk", .bool, isOptional: false),
      FieldSchema("raw", .binary, isOptional: false),
      FieldSchema("code", .binary, isOptional: false),
    ],
    indexes: [
      IndexSchema(
        name: "privata_audit_place", parts: [.init("writer"), .init("sequence")], isUnique: true),
      // A record is looked for in the events of several records too.
      IndexSchema(name: "privata_audit_bulk", parts: [.init("isBulk"), .init("at")]),
    ])

  /// One row per signed head of a writer's tree.
  package static let checkpoints = ModelSchema(
    name: "AuditCheckpoint", collection: "privata_audit_checkpoints",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("writer", .int64, isOptional: false),
      FieldSchema("size", .int64, isOptional: false),
      FieldSchema("at", .date, isOptional: false),
      FieldSchema("root", .binary, isOptional: false),
      FieldSchema("signature", .binary, isOptional: false),
      FieldSchema("key", .binary, isOptional: false),
    ])

  /// One row per removal of a writer's oldest events: how many are gone, and the edge of their tree.
  package static let removals = ModelSchema(
    name: "AuditRemoval", collection: "privata_audit_removals",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("writer", .int64, isOptional: false),
      FieldSchema("size", .int64, isOptional: false),
      FieldSchema("frontier", .binary, isOptional: false),
      FieldSchema("before", .date, isOptional: false),
      FieldSchema("at", .date, isOptional: false),
      FieldSchema("signature", .binary, isOptional: false),
    ])

  static let all = [events, checkpoints, removals]
}
