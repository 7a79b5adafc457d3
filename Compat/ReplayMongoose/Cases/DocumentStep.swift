import MongoStyle
import PrivataCore
import ReplayKit

/// A step on a bound document, or on what is found in it.
struct DocumentStep {
  let flow: Flow
  let json: JSON

  func perform() async throws -> Thing {
    let thing = try flow.thing(json["doc"]?.string ?? "")
    if let path = json["assign"]?.string {
      return try assign(path, to: try document(thing))
    }
    if let property = json["prop"]?.string { return try read(property, try document(thing)) }
    if let path = json["at"]?.string {
      if let key = json["mutate"]?.string {
        return try mutate(path, key, try document(thing))
      }
      let found = try document(thing).thing(at: path)
      guard let method = json["op"]?.string else { return found }
      return try await call(method, on: found)
    }
    guard let method = json["op"]?.string else { return thing }
    return try await call(method, on: thing)
  }

  private func document(_ thing: Thing) throws -> MongoDocument {
    guard case .document(let document) = thing else { throw ReplayFailure("no document") }
    return document
  }

  private func call(_ method: String, on thing: Thing) async throws -> Thing {
    let arguments = try flow.reader.things(json["args"])
    switch thing {
    case .document(let document):
      let answer = try await DocumentCalls.call(method, arguments, on: document)
      return try await flow.settled(try flow.chained(answer, json["chain"]))
    case .array(let array): return try ArrayCalls.call(method, arguments, on: array)
    case .map(let map): return try MapCalls.call(method, arguments, on: map)
    case .list, .value:
      throw NamedError(name: "TypeError", message: "no method '\(method)'")
    default: throw ReplayFailure("no method '\(method)'")
    }
  }

  private func read(_ property: String, _ document: MongoDocument) throws -> Thing {
    switch property {
    case "isNew", "$isNew": return .value(.bool(document.isNew))
    default: return document.thing(at: property, reading: true)
    }
  }

  // MARK: - Assignment

  private func assign(_ path: String, to document: MongoDocument) throws -> Thing {
    let thing = try json["value"].map { try flow.reader.thing($0) } ?? .undefined
    let steps = path.split(separator: ".").map(String.init)
    if steps.count > 1, let index = Int(steps[steps.count - 1]) {
      let parent = steps.dropLast().joined(separator: ".")
      if case .array(let array) = document.thing(at: parent) {
        try array.set(index, thing.plain)
        return thing
      }
    }
    for count in (1..<max(1, steps.count)).reversed() {
      let parent = steps[..<count].joined(separator: ".")
      let rest = steps[count...].joined(separator: ".")
      switch document.thing(at: parent) {
      case .document(let inner):
        try set(rest, thing, on: inner)
        return thing
      case .map(let map):
        try map.set(rest, thing.plain)
        return thing
      default: continue
      }
    }
    try set(path, thing, on: document)
    return thing
  }

  private func set(_ path: String, _ thing: Thing, on document: MongoDocument) throws {
    try DocumentCalls.set(document, [.value(.string(path)), thing])
  }

  /// Changes a member inside a value in place, which nothing tracks.
  private func mutate(_ path: String, _ key: String, _ document: MongoDocument) throws -> Thing {
    let value = try json["value"].map { try flow.reader.value($0) } ?? .undefined
    document.mutate(path) { current in
      guard case .document(var inner) = current else { return }
      inner[key] = value == .undefined ? nil : value
      current = .document(inner)
    }
    return .undefined
  }
}

extension MongoDocument {
  /// What a path holds; `reading` takes getters and virtuals too.
  func thing(at path: String, reading: Bool = false) -> Thing {
    switch member(path) {
    case .document(let document): return .document(document)
    case .array(let array): return reading ? .value(value(path)) : .array(array)
    case .map(let map): return .map(map)
    case .value: return .value(value(path))
    }
  }
}
