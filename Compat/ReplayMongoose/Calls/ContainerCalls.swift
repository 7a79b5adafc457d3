import MongoStyle
import PrivataCore
import ReplayKit

/// The methods of tracked arrays, by Mongoose's names.
enum ArrayCalls {
  static func call(
    _ method: String, _ arguments: [Thing], on array: TrackedArray
  ) throws -> Thing {
    let values = arguments.map(\.plain)
    let first = values.first ?? .undefined
    switch method {
    case "push", "nonAtomicPush":
      if let documents = Thing.list(arguments).documents, !documents.isEmpty {
        return .value(.int(try array.push(documents)))
      }
      return .value(.int(try array.push(contentsOf: values)))
    case "pull", "remove":
      try array.pull(contentsOf: values)
      return .array(array)
    case "addToSet": return .value(.array(try array.addToSet(contentsOf: values)))
    case "unshift": return .value(.int(try array.unshift(contentsOf: values)))
    case "splice":
      let count = values.count > 1 ? values[1].asInt : nil
      return .value(
        .array(try array.splice(first.asInt ?? 0, count, Array(values.dropFirst(2)))))
    case "set":
      try array.set(first.asInt ?? 0, values.count > 1 ? values[1] : .undefined)
      return .array(array)
    case "pop": return .value(array.pop())
    case "shift": return .value(array.shift())
    case "$pop": return .value(array.atomicPop())
    case "$shift": return .value(array.atomicShift())
    case "id": return Thing(array.id(first))
    case "create": return .document(try array.create(first.asDocument ?? Document()))
    default: return try read(method, first, array)
    }
  }

  private static func read(
    _ method: String, _ first: Value, _ array: TrackedArray
  ) throws -> Thing {
    switch method {
    case "sort":
      array.sort()
      return .array(array)
    case "reverse":
      array.reverse()
      return .array(array)
    case "toObject", "slice": return .value(.array(array.values))
    case "includes": return .value(.bool(array.values.contains { Value.equals($0, first) }))
    case "indexOf":
      let index = array.values.firstIndex { Value.equals($0, first) }
      return .value(.int(index ?? -1))
    default: throw ReplayFailure("no array method '\(method)'")
    }
  }
}

/// The methods of maps, by Mongoose's names.
enum MapCalls {
  static func call(_ method: String, _ arguments: [Thing], on map: TrackedMap) throws -> Thing {
    let values = arguments.map(\.plain)
    let key = values.first?.asString ?? ""
    switch method {
    case "set":
      try map.set(key, values.count > 1 ? values[1] : .undefined)
      return .map(map)
    case "get":
      if let document = map.document(key) { return .document(document) }
      return .value(try map.get(key))
    case "has": return .value(.bool(map.has(key)))
    case "delete": return .value(.bool(try map.delete(key)))
    case "clear":
      map.clear()
      return .undefined
    case "toObject", "toJSON": return .value(Rendering.plain(map))
    default: throw ReplayFailure("no map method '\(method)'")
    }
  }
}
