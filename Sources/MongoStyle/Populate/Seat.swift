internal import PrivataCore

/// One place that `populate` fills: a path of a document, an element's path, or a virtual.
struct Seat {
  /// Where the loaded documents go.
  enum Target {
    /// A path of a live document or subdocument.
    case live(MongoDocument, path: String)
    /// A path of the plain document at an index.
    case plain(index: Int, steps: [String])
  }

  var target: Target
  /// The ids, or what local field holds; `.undefined` for none.
  var ids: Value
  /// The model for all ids, or one per id where a `refPath` in an array says so.
  var models: [String?]
  var isVirtual = false
  var justOne: Bool
  var count = false
  var foreignField = "_id"
  var match: Document?
  var hasOwnMatch = false
  /// The document that refers, by its index among the populated ones.
  var parent: Int
  /// The path at which the parent remembers the ids.
  var recordPath: String
  /// What else must agree for composite keys.
  var extraMatch = Document()

  /// The ids one by one, without those that are missing.
  var flatIDs: [Value] { Seat.flattened(ids) }

  static func flattened(_ value: Value) -> [Value] {
    switch value {
    case .undefined: []
    case .array(let items): items.flatMap(flattened)
    default: [value]
    }
  }

  /// The ids that a model is asked for.
  func ids(for model: String) -> [Value] {
    if models.count == 1 { return models[0] == model ? flatIDs : [] }
    let all = flatIDs
    return zip(all, models).filter { $0.1 == model }.map(\.0)
  }
}

/// The documents of one populate call: live ones, or plain ones that are replaced.
enum Holders {
  case live([MongoDocument])
  case plain([Document])

  var count: Int {
    switch self {
    case .live(let all): all.count
    case .plain(let all): all.count
    }
  }
}
