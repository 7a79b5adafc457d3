internal import PrivataCore

/// The models of the key store.
enum KeyModels {
  /// One row per data key. Of a destroyed one the row stays, without the key and without the person.
  static let keys = ModelSchema(
    name: "DataKey", collection: "privata_keys",
    fields: [
      FieldSchema("_id", .uuid, isOptional: false),
      FieldSchema("slot", .binary, isIndexed: true),
      FieldSchema("store", .string, isOptional: false),
      FieldSchema("region", .string, isOptional: false),
      FieldSchema("version", .int32, isOptional: false),
      FieldSchema("epoch", .uuid, isIndexed: true),
      FieldSchema("wrapped", .binary),
      FieldSchema("state", .string, isOptional: false),
      FieldSchema("seals", .int64, isOptional: false),
      FieldSchema("at", .date, isOptional: false),
      // Slot and version: two processes cannot both make the next key of a person.
      FieldSchema("place", .binary, isOptional: false, isUnique: true),
    ])

  /// One row per epoch key, wrapped by the root key.
  static let epochs = ModelSchema(
    name: "EpochKey", collection: "privata_epoch_keys",
    fields: [
      FieldSchema("_id", .uuid, isOptional: false),
      FieldSchema("store", .string, isOptional: false),
      FieldSchema("region", .string, isOptional: false),
      FieldSchema("number", .int32, isOptional: false),
      FieldSchema("root", .string), FieldSchema("wrapped", .binary),
      FieldSchema("state", .string, isOptional: false),
      FieldSchema("at", .date, isOptional: false), FieldSchema("endedAt", .date),
      FieldSchema("place", .string, isOptional: false, isUnique: true),
    ])

  /// Which process may use keys from memory, until when, and up to which destruction it knows;
  /// `drained` is the one before which all its sealed writes have ended.
  static let leases = ModelSchema(
    name: "KeyLease", collection: "privata_key_leases",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("generation", .int64, isOptional: false),
      FieldSchema("drained", .int64),
      FieldSchema("until", .date, isOptional: false),
    ])

  /// One row: how many times keys were destroyed.
  static let generation = ModelSchema(
    name: "KeyGeneration", collection: "privata_key_generation",
    fields: [
      FieldSchema("_id", .string, isOptional: false),
      FieldSchema("value", .int64, isOptional: false),
    ])

  static let all = [keys, epochs, leases, generation]
}

/// The life of a key.
enum KeyState: String, Sendable, Hashable, CaseIterable {
  /// It seals and opens.
  case active
  /// It opens what it sealed.
  case retired
  /// It is gone, and what it sealed with it.
  case shredded
}
