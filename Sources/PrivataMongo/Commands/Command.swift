import PrivataCore

/// One command on its way to the server.
struct Command: Sendable {
  /// How the driver treats it.
  enum Mode: Sendable, Hashable {
    /// May be repeated, may go to a secondary.
    case read
    /// A write that is repeated once after a broken connection; the server counts it once.
    case retryableWrite
    /// A write that is sent once.
    case write
    /// Anything else: sent once, without write concern.
    case administration
  }

  /// The command's name, as errors and logs hold it.
  var name: String
  var database: String
  var collection: String
  var bytes: [UInt8]
  var mode: Mode
  /// The model, for errors.
  var model: String?
  /// How the model's fields are called in documents, for errors.
  var naming: FieldNaming?
  /// libmongoc's number of the read preference; 0 for the URL's.
  var readMode: Int32 = 0
  var readConcern: String?
  /// The command's form without values.
  var shape: @Sendable () -> String = { "" }
}

extension Command {
  /// A command on a model's collection, its elements written by the body after the first, which
  /// names command and collection.
  static func on(
    _ target: Target, _ name: String, _ mode: Mode, capacity: Int = 256,
    _ body: (inout BSONWriter) throws(PrivataError) -> Void
  ) throws(PrivataError) -> Command {
    var writer = BSONWriter(capacity: capacity)
    let mark = writer.beginDocument()
    writer.append(name, string: target.collection)
    try body(&writer)
    writer.end(mark)
    return target.command(name, mode, try writer.finish())
  }

  /// A command given as a document.
  static func document(
    _ document: Document, on database: String, mode: Mode
  ) throws(PrivataError) -> Command {
    Command(
      name: document.keys.first ?? "", database: database,
      collection: document.elements.first?.value.asString ?? database,
      bytes: try document.encoded(), mode: mode)
  }

  /// `ping`.
  static func ping(on database: String) -> Command {
    Command(
      name: "ping", database: database, collection: database,
      bytes: (["ping": 1] as Document).bson, mode: .administration)
  }

  /// What errors of a transaction's begin and end name; never sent.
  static func transaction(_ verb: String) -> Command {
    Command(
      name: verb, database: "admin", collection: "a transaction", bytes: [], mode: .administration)
  }

  /// `getMore` for a cursor.
  static func getMore(
    _ id: Int64, of command: Command, batchSize: Int?, awaitMilliseconds: Int? = nil
  ) -> Command {
    var writer = BSONWriter(capacity: 128)
    let mark = writer.beginDocument()
    writer.append("getMore", int64: id)
    writer.append("collection", string: command.collection)
    if let batchSize { writer.append("batchSize", int: batchSize) }
    if let awaitMilliseconds { writer.append("maxTimeMS", int: awaitMilliseconds) }
    writer.end(mark)
    var more = command
    more.name = "getMore"
    more.bytes = writer.bytes
    more.readConcern = nil
    return more
  }

  /// `killCursors` for a cursor.
  static func killCursor(_ id: Int64, of command: Command) -> Command {
    var writer = BSONWriter(capacity: 128)
    let mark = writer.beginDocument()
    writer.append("killCursors", string: command.collection)
    let list = writer.beginArray("cursors")
    writer.append("0", int64: id)
    writer.end(list)
    writer.end(mark)
    var kill = command
    kill.name = "killCursors"
    kill.bytes = writer.bytes
    kill.mode = .administration
    kill.readConcern = nil
    return kill
  }

  /// Calls of the same command on the same model take about the same time.
  func kind(_ size: Int = 0) -> CallKind {
    var hasher = Hasher()
    hasher.combine(name)
    hasher.combine(collection)
    hasher.combine(size)
    return CallKind(hasher.finalize())
  }
}

/// Where commands go: a collection of a database, and the model that it holds.
struct Target: Sendable {
  var database: String
  var collection: String
  var model: ModelSchema?
  var naming: FieldNaming

  /// The collection of a model. A namespace is a database of its own.
  init(_ model: ModelSchema, database: String) {
    self.database = model.namespace ?? database
    collection = model.collection
    self.model = model
    naming = FieldNaming(model)
  }

  func command(_ name: String, _ mode: Command.Mode, _ bytes: [UInt8]) -> Command {
    Command(
      name: name, database: database, collection: collection, bytes: bytes, mode: mode,
      model: model?.name, naming: naming)
  }
}
