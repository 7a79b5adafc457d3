import MongoStyle
import PrivataCore

/// An error in the notation's words.
struct RecordedError {
  let error: any Error

  init(_ error: any Error) { self.error = error }

  /// The style's own error, the store's, or the case's.
  private var inner: any Error {
    guard let outer = error as? PrivataError else { return error }
    if let style = outer.mongoStyle { return style }
    if let refusal = outer.underlying as? ServerError { return refusal }
    return outer
  }

  var name: String {
    switch inner {
    case let own as NamedError: own.name
    case let own as any MongoStyleError: own.name
    case is ServerError: "MongoServerError"
    case let outer as PrivataError: outer.code == .rejectedByStore ? "MongoServerError" : "Error"
    default: "Error"
    }
  }

  /// All members that can be recorded; those of errors within are errors too.
  var members: [Thing.Member] {
    var members = [RecordedError.text("name", name)] + own
    if let style = inner as? any MongoStyleError {
      members.append(RecordedError.text("message", style.message))
    }
    return members
  }

  private var own: [Thing.Member] {
    switch inner {
    case let error as NamedError: return [Self.text("message", error.message)]
    case let error as CastError: return Self.failure(error.path, error.kind, error.value.revealed)
    case let error as ValidatorError:
      return Self.failure(error.path, error.kind, error.value.revealed)
    case let error as ValidationError:
      let inner = error.errors.map { Thing.Member(key: $0.path, thing: .failure($0.error)) }
      return [.init(key: "errors", thing: .object(inner))]
    case let error as StrictModeError:
      return [
        Self.text("path", error.path), .init("isImmutableError", .bool(error.isImmutableError)),
      ]
    case let error as StrictPopulateError: return [Self.text("path", error.path)]
    case let error as VersionError:
      return [
        .init("version", error.version),
        .init("modifiedPaths", .array(error.modifiedPaths.map { .string($0) })),
      ]
    case let error as ServerError: return Self.server(error)
    case let error as BulkValidationError: return Self.bulk(error)
    case let error as BulkWriteError: return Self.bulk(error)
    default: return []
    }
  }

  private static func text(_ key: String, _ text: String) -> Thing.Member {
    .init(key, .string(text))
  }

  private static func failure(_ path: String, _ kind: String, _ value: Value) -> [Thing.Member] {
    [text("path", path), text("kind", kind), .init("value", value)]
  }

  private static func server(_ error: ServerError) -> [Thing.Member] {
    var members = [
      Thing.Member("code", .int(error.code)), text("codeName", error.codeName),
    ]
    if let pattern = error.keyPattern { members.append(.init("keyPattern", .document(pattern))) }
    if let taken = error.keyValue?.revealed { members.append(.init("keyValue", .document(taken))) }
    return members
  }

  private static func bulk(_ error: BulkValidationError) -> [Thing.Member] {
    [
      text("operation", error.operation),
      .init(
        key: "validationErrors", thing: .list(error.validationErrors.map { .failure($0) })),
      .init(
        key: "results", thing: .list(error.results.map { $0.map { .failure($0) } ?? .null })),
    ]
  }

  private static func bulk(_ error: BulkWriteError) -> [Thing.Member] {
    let failures = error.writeErrors.map { failure -> Value in
      ["index": .int(failure.index), "code": .int(code(failure.error))]
    }
    return [
      .init("code", error.writeErrors.first.map { .int(code($0.error)) } ?? .null),
      .init("writeErrors", .array(failures)),
      .init(
        key: "insertedDocs", thing: .list(error.insertedDocuments.map { .document($0) })),
      .init(key: "result", thing: .bulk(error.result)),
      .init(
        key: "validationErrors", thing: .list(error.validationErrors.map { .failure($0) })),
    ]
  }

  private static func code(_ error: PrivataError) -> Int {
    (error.underlying as? ServerError)?.code ?? (error.code == .duplicateKey ? 11000 : 0)
  }
}

extension Thing.Member {
  fileprivate init(_ key: String, _ value: Value) { self.init(key: key, thing: .value(value)) }
}
