public import PrivataCore

/// `orFail()` found nothing, or `save()` found its document gone.
public struct DocumentNotFoundError: MongoStyleError {
  /// The model concerned.
  public var model: String
  /// The filter that matched nothing.
  public var filter: Protected<Document>

  public var name: String { "DocumentNotFoundError" }
  public var code: PrivataError.Code { .notFound }
  public var message: String { "No document of model \"\(model)\" matches the filter" }
}

/// `save()` found another version of its document than the one it was loaded from.
public struct VersionError: MongoStyleError {
  /// The model concerned.
  public var model: String
  /// The version that the document was loaded with.
  public var version: Value
  public var modifiedPaths: [String]

  public var name: String { "VersionError" }
  public var code: PrivataError.Code { .versionConflict }
  public var paths: [String] { modifiedPaths }
  public var message: String { "No matching document of model \"\(model)\" has this version" }
}

/// A second `save()` while one of the same document is running.
public struct ParallelSaveError: MongoStyleError {
  public var name: String { "ParallelSaveError" }
  public var code: PrivataError.Code { .busy }
  public var message: String { "Can't save() the same doc multiple times in parallel" }
}

/// A second `validate()` while one of the same document is running.
public struct ParallelValidateError: MongoStyleError {
  public var name: String { "ParallelValidateError" }
  public var code: PrivataError.Code { .busy }
  public var message: String { "Can't validate() the same doc multiple times in parallel" }
}

/// `save()` would replace an array of which only a part was loaded.
public struct DivergentArrayError: MongoStyleError {
  public var paths: [String]

  public var name: String { "DivergentArrayError" }
  public var code: PrivataError.Code { .badArgument }
  public var message: String {
    "These arrays were loaded in part and cannot be replaced as a whole: "
      + paths.joined(separator: ", ")
  }
}

/// A path that the schema does not have, or an immutable one, where strict mode is to throw.
public struct StrictModeError: MongoStyleError {
  /// The path concerned.
  public var path: String
  public var isImmutableError: Bool
  public var message: String

  /// An unknown path; with `isImmutable`, one that may not change.
  public init(_ path: String, message: String? = nil, isImmutable: Bool = false) {
    self.path = path
    isImmutableError = isImmutable
    self.message =
      message
      ?? (isImmutable
        ? "Field `\(path)` is immutable and strict mode is set to throw."
        : "Field `\(path)` is not in schema and strict mode is set to throw.")
  }

  public var name: String { "StrictModeError" }
  public var code: PrivataError.Code {
    if isImmutableError { return .immutableField }
    return path.isOperator ? .unknownOperator : .unknownField
  }
  public var paths: [String] { path.isOperator ? [] : [path] }
}

/// A document was asked for and something else came.
public struct ObjectParameterError: MongoStyleError {
  /// The parameter, and the function that it was given to.
  public var parameter: String
  public var function: String

  public var name: String { "ObjectParameterError" }
  public var code: PrivataError.Code { .badArgument }
  public var message: String { "Parameter \"\(parameter)\" to \(function)() must be an object" }
}

/// A nested path or subdocument was given something that is no document.
public struct ObjectExpectedError: MongoStyleError {
  /// The path concerned.
  public var path: String

  public var name: String { "ObjectExpectedError" }
  public var code: PrivataError.Code { .wrongType }
  public var paths: [String] { [path] }
  public var message: String { "Tried to set nested object field `\(path)` to a primitive value" }
}
