public import PrivataCore

/// A model name that is not registered.
public struct MissingSchemaError: MongoStyleError {
  /// The model concerned.
  public var model: String

  public var name: String { "MissingSchemaError" }
  public var code: PrivataError.Code { .unknownModel }
  public var message: String { "Schema hasn't been registered for model \"\(model)\"." }
}

/// A model name that is registered with another schema.
public struct OverwriteModelError: MongoStyleError {
  /// The model concerned.
  public var model: String

  public var name: String { "OverwriteModelError" }
  public var code: PrivataError.Code { .badArgument }
  public var message: String { "Cannot overwrite `\(model)` model once compiled." }
}

/// `populate` of a path that the schema does not have.
public struct StrictPopulateError: MongoStyleError {
  /// The path concerned.
  public var path: String

  public var name: String { "StrictPopulateError" }
  public var code: PrivataError.Code { .unknownField }
  public var paths: [String] { [path] }
  public var message: String {
    "Cannot populate path `\(path)` because it is not in your schema. "
      + "Set the `strictPopulate` option to false to override."
  }
}

/// Some operations of a bulk write or `insertMany` failed their validation.
public struct BulkValidationError: MongoStyleError {
  /// `insertMany` or `bulkWrite`.
  public var operation: String
  public var validationErrors: [any Error]
  /// By position: the error of a refused operation, `nil` for the others.
  public var results: [(any Error)?]
  /// What the others did.
  public var outcome: BulkWriteResult?

  public var name: String { "MongooseBulkWriteError" }
  public var code: PrivataError.Code { .validation }
  public var message: String {
    "\(operation) failed with \(validationErrors.count) Mongoose validation errors."
  }
}

/// The store refused some operations of a bulk write or `insertMany`.
public struct BulkWriteError: MongoStyleError {
  /// Position and error of each failure.
  public var writeErrors: [WriteOutcome.Failure]
  /// The documents that were inserted (`insertMany`).
  public var insertedDocuments: [MongoDocument]
  public var result: BulkWriteResult
  public var validationErrors: [any Error]

  public var name: String { "MongoBulkWriteError" }
  public var code: PrivataError.Code { writeErrors.first?.error.code ?? .rejectedByStore }
  public var paths: [String] { writeErrors.first?.error.fields ?? [] }
  public var message: String { "\(writeErrors.count) operations of the bulk write failed" }
}

/// `bulkSave` wrote fewer documents than it sent.
public struct BulkSaveIncompleteError: MongoStyleError {
  /// The model concerned.
  public var model: String
  public var failedDocuments: [MongoDocument]
  public var result: BulkWriteResult

  public var name: String { "MongooseBulkSaveIncompleteError" }
  public var code: PrivataError.Code { .versionConflict }
  public var message: String {
    "\(model).bulkSave() was not able to update \(failedDocuments.count) of the given documents"
  }
}

/// A unique field's own message for a duplicate, with the store's error as its cause.
public struct DuplicateMessageError: MongoStyleError {
  public var message: String
  public var cause: PrivataError

  public var name: String { "MongooseError" }
  public var code: PrivataError.Code { .duplicateKey }
  public var paths: [String] { cause.fields }
}
