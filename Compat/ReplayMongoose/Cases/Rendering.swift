import MongoStyle
import PrivataCore
import ReplayKit

/// Answers as the notation records them: documents by `toObject()`, everything else as it is.
enum Rendering {
  /// True shows maps as `{"$map": …}`, for cases that tell them from plain documents.
  @TaskLocal static var marksMaps = false

  /// The recorded form of a thing; errors stay what they are.
  static func rendered(_ thing: Thing) throws -> Thing {
    switch thing {
    case .document(let document):
      var form = ObjectForm()
      form.marksMaps = marksMaps
      return .value(.document(try document.toObject(form)))
    case .list(let things): return Thing(list: try things.map { try rendered($0) })
    case .object(let members):
      return Thing(
        object: try members.map { .init(key: $0.key, thing: try rendered($0.thing)) })
    case .array(let array): return .value(.array(array.values))
    case .map(let map): return .value(plain(map))
    case .bulk(let result): return try rendered(bulk(result))
    default: return thing
    }
  }

  /// A query's answer as a thing: documents stay documents.
  static func thing(_ answer: QueryAnswer) -> Thing {
    switch answer {
    case .documents(let documents): .list(documents.map { .document($0) })
    case .document(let document): Thing(document)
    case .metadata(let result): metadata(result)
    default: .value(plain(answer))
    }
  }

  /// An answer without documents.
  static func plain(_ answer: QueryAnswer) -> Value {
    switch answer {
    case .documents, .document, .metadata: thing(answer).plain
    case .plain(let documents): .array(documents.map { .document($0) })
    case .plainDocument(let document): document.map { .document($0) } ?? .null
    case .count(let count): .int(count)
    case .values(let values): .array(values)
    case .update(let result): .document(plain(result))
    case .delete(let result):
      ["acknowledged": .bool(result.acknowledged), "deletedCount": .int(result.deletedCount)]
    case .value(let value): value
    }
  }

  private static func plain(_ result: UpdateResult) -> Document {
    guard result.acknowledged else { return ["acknowledged": false] }
    return [
      "acknowledged": true, "modifiedCount": .int(result.modifiedCount),
      "upsertedId": result.upsertedID ?? .null, "upsertedCount": .int(result.upsertedCount),
      "matchedCount": .int(result.matchedCount),
    ]
  }

  private static func metadata(_ result: FindAndModifyResult) -> Thing {
    var last: Document = ["n": .int(result.count)]
    if !result.isDelete { last["updatedExisting"] = .bool(result.updatedExisting) }
    if let id = result.upsertedID { last["upserted"] = id }
    let value =
      result.document.map { Thing.document($0) }
      ?? Thing(plain: result.plain)
    return .object([
      .init(key: "lastErrorObject", thing: .value(.document(last))),
      .init(key: "value", thing: value), .init(key: "ok", thing: .value(1)),
    ])
  }

  /// A map as `toObject` shows it.
  static func plain(_ map: TrackedMap) -> Value {
    .document(
      Document(
        map.keys.map { key in
          Document.Element(
            key: key,
            value: map.document(key).flatMap { try? .document($0.toObject()) } ?? map[key] ?? .null)
        }))
  }
}
