public import PrivataCore

/// A rule of the schema that a value breaks.
public struct ValidatorError: MongoStyleError {
  /// `required`, `enum`, `min`, `max`, `minlength`, `maxlength`, `regexp`, `user defined`, or the
  /// kind that a validator gave itself.
  public var kind: String
  public var path: String
  /// The offending value; `.undefined` where there is none.
  public var value: Protected<Value>
  /// The text, with its placeholders filled. The defaults name the path and the rule; a program's
  /// own template may ask for `{VALUE}`.
  public var message: String
  /// What the validator threw.
  public var reason: (any Error)?

  /// A broken rule.
  public init(
    kind: String, path: String, value: Value, message: String, reason: (any Error)? = nil
  ) {
    self.kind = kind
    self.path = path
    self.value = Protected(value)
    self.message = message
    self.reason = reason
  }

  public var name: String { "ValidatorError" }
  public var code: PrivataError.Code { .validation }
  public var paths: [String] { [path] }
}

/// What is wrong with a document: the first error of each path, by full path.
///
/// ```swift
/// // User.create(["age": -1])  →  errors: [("age", ValidatorError(kind: "min"))]
/// ```
public struct ValidationError: MongoStyleError {
  /// One path and its error.
  public struct Entry: Sendable {
    /// The path concerned.
    public var path: String
    public var error: any MongoStyleError

    /// Made of these parts; what is left out has its usual value.
    public init(path: String, error: any MongoStyleError) {
      self.path = path
      self.error = error
    }
  }

  /// The model's name, `nil` for updates.
  public var model: String?
  /// In the order in which they were found.
  public var errors: [Entry]

  /// A validation error of these entries.
  public init(model: String? = nil, errors: [Entry] = []) {
    self.model = model
    self.errors = errors
  }

  public var name: String { "ValidationError" }
  public var code: PrivataError.Code {
    let missing = errors.allSatisfy { ($0.error as? ValidatorError)?.kind == "required" }
    return missing && !errors.isEmpty ? .missingField : .validation
  }
  public var paths: [String] { errors.map(\.path) }
  public var message: String {
    let start = model.map { "\($0) validation failed" } ?? "Validation failed"
    return start + ": " + errors.map { "\($0.path): \($0.error.message)" }.joined(separator: ", ")
  }

  /// The error of a path.
  public subscript(path: String) -> (any MongoStyleError)? {
    errors.first { $0.path == path }?.error
  }

  /// Adds an error; the first one of a path stays.
  mutating func add(_ error: any MongoStyleError, at path: String) {
    guard self[path] == nil else { return }
    errors.append(Entry(path: path, error: error))
  }

  mutating func remove(where matches: (String) -> Bool) {
    errors.removeAll { matches($0.path) }
  }
}
