public import PrivataCore

/// An error of Mongoose's vocabulary. It travels in `PrivataError.underlying`; the outer error
/// carries the stable code and a message without values.
///
/// ```swift
/// do { try await user.save() } catch let error as PrivataError {
///   if let invalid = error.underlying as? ValidationError { print(invalid.errors.map(\.path)) }
/// }
/// ```
public protocol MongoStyleError: Error {
  /// Mongoose's name of the error: `CastError`, `ValidationError`.
  var name: String { get }
  /// For people; names paths, never what they hold, unless the program's own text says so.
  var message: String { get }
  /// The stable code that the outer error carries.
  var code: PrivataError.Code { get }
  /// The paths concerned.
  var paths: [String] { get }
}

extension MongoStyleError {
  public var paths: [String] { [] }

  /// The error as callers of MongoStyle receive it.
  public var wrapped: PrivataError {
    PrivataError(code, "\(name): \(message)", fields: paths, underlying: self)
  }
}

extension PrivataError {
  /// The error in Mongoose's vocabulary, where it is one.
  public var mongoStyle: (any MongoStyleError)? { underlying as? any MongoStyleError }
}

/// Wraps an error of this module; passes stores' and programs' errors on as they are.
func outward(_ error: any Error) -> any Error {
  if let own = error as? any MongoStyleError { own.wrapped } else { error }
}

/// A misuse that has no class of its own in Mongoose: its `MongooseError`, `Error` and `TypeError`.
public struct UsageError: MongoStyleError {
  public var name: String
  public var message: String
  public var code: PrivataError.Code
  public var paths: [String]

  /// A misuse; `name` is `MongooseError`, `Error` or `TypeError`.
  public init(
    _ message: String, name: String = "MongooseError", code: PrivataError.Code = .badArgument,
    paths: [String] = []
  ) {
    self.name = name
    self.message = message
    self.code = code
    self.paths = paths
  }
}
