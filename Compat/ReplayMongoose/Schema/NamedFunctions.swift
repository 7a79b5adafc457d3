import Foundation
import MongoStyle
import PrivataCore
import ReplayKit

/// The functions that recorded schemas name.
enum NamedFunctions {
  static func validator(
    _ name: String, message: String?, kind: String?
  ) throws -> PathValidator {
    let check: PathValidator.Check
    switch name {
    case "asyncIsEven":
      check = .async { value, _ in
        try await Task.sleep(for: .milliseconds(2))
        return isEven(value)
      }
    case "asyncThrows":
      check = .async { _, _ in
        try await Task.sleep(for: .milliseconds(2))
        throw NamedError(name: "Error", message: "validator failed to run")
      }
    case "throws":
      check = .immediate { _, _ in
        throw NamedError(name: "Error", message: "validator failed to run")
      }
    case "notBeforeStart":
      check = .immediate { value, context in
        guard case .date(let start) = context.value("startedAt"), case .date(let date) = value
        else { return true }
        return date.milliseconds >= start.milliseconds
      }
    default: check = .immediate(try plainValidator(name))
    }
    return PathValidator(check, message: message, kind: kind)
  }

  private static func plainValidator(
    _ name: String
  ) throws -> @Sendable (Value, RuleContext) throws -> Bool {
    switch name {
    case "notBlank":
      return { value, _ in value.asString?.contains { !$0.isWhitespace } ?? false }
    case "isEven": return { value, _ in isEven(value) }
    case "isPositive": return { value, _ in (number(value) ?? 0) > 0 }
    case "hasAt": return { value, _ in value.asString?.contains("@") ?? false }
    case "atMostThree":
      return { value, _ in
        switch value {
        case .array(let items): items.count <= 3
        case .string(let text): text.utf16.count <= 3
        default: false
        }
      }
    default: throw ReplayFailure("no validator '\(name)'")
    }
  }

  private static func isEven(_ value: Value) -> Bool {
    if value == .null { return true }
    return number(value).map { $0.truncatingRemainder(dividingBy: 2) == 0 } ?? false
  }

  private static func number(_ value: Value) -> Double? {
    if case .string(let text) = value { return Double(text) }
    return value.asDouble
  }

  static func setter(_ name: String) throws -> PathSetter {
    switch name {
    case "centsFromUnits":
      return PathSetter { value, _ in
        guard let number = value.asDouble else { return value }
        return .number((number * 100 + 0.5).rounded(.down))
      }
    case "trimToUpper":
      return PathSetter { value, _ in
        guard let text = value.asString else { return value }
        return .string(text.trimmingCharacters(in: .whitespacesAndNewlines).uppercased())
      }
    default: throw ReplayFailure("no setter '\(name)'")
    }
  }

  static func getter(_ name: String) throws -> PathGetter {
    switch name {
    case "unitsFromCents":
      return PathGetter { value, _ in value.asDouble.map { .number($0 / 100) } ?? value }
    case "maskEmail":
      return PathGetter { value, _ in
        guard let text = value.asString, let at = text.firstIndex(of: "@") else { return value }
        return .string("***" + text[at...])
      }
    case "exclaim":
      return PathGetter { value, _ in value.asString.map { .string($0 + "!") } ?? value }
    case "redacted": return PathGetter { _, _ in "REDACTED" }
    default: throw ReplayFailure("no getter '\(name)'")
    }
  }

  static func `default`(_ name: String) throws -> DefaultRule {
    switch name {
    case "initials":
      return .function { document in
        let letters = ["firstName", "lastName"].map { path in
          document?.value(path).asString?.first.map { String($0) } ?? ""
        }
        return .string(letters.joined())
      }
    case "now": return .function { _ in .date(DateTime.now) }
    case "fixedDate":
      return .function { _ in .date(DateTime(milliseconds: 1_580_601_600_000)) }
    case "emptyList": return .function { _ in .array([]) }
    case "newObjectId": return .function { _ in .objectID(ObjectID()) }
    case "undefinedValue": return .function { _ in .undefined }
    default: throw ReplayFailure("no default '\(name)'")
    }
  }

  static func transform(
    _ name: String
  ) throws -> @Sendable (MongoDocument, inout Document) throws -> Void {
    switch name {
    case "dropIdAndVersion":
      return { document, plain in
        plain["_id"] = nil
        plain["__v"] = nil
        plain["id"] = document.id.map { .string($0) }
      }
    case "dropEmail": return { _, plain in plain["email"] = nil }
    default: throw ReplayFailure("no transform '\(name)'")
    }
  }
}

/// An error that the case itself raises: `HookError`, `ReplacedError`, `StepError`, `Error`.
struct NamedError: Error, CustomStringConvertible {
  var name: String
  var message: String

  var description: String { message }
}
