import MongoStyle
import PrivataCore
import ReplayKit

/// The methods of documents, by Mongoose's names.
enum DocumentCalls {
  static func call(
    _ method: String, _ arguments: [Thing], on document: MongoDocument
  ) async throws -> Thing {
    if let answer = try state(method, arguments, document) { return answer }
    if let answer = try changed(method, arguments, document) { return answer }
    let values = arguments.map(\.plain)
    switch method {
    case "save": return .document(try await document.save(saveOptions(arguments.first)))
    case "validate":
      try await document.validate(validateOptions(values))
      return .undefined
    case "validateSync":
      return document.validateSync(validateOptions(values)).map { .failure($0) } ?? .undefined
    case "populate":
      try await document.populate(QueryChain.population(values))
      return .document(document)
    case "deleteOne": return try await deleted(document, arguments)
    case "updateOne": return .query(query(document, .update, arguments))
    case "replaceOne": return .query(query(document, .replace, arguments))
    default: return Rendering.thing(try await document.call(method, values))
    }
  }

  // MARK: - State

  private static func state(
    _ method: String, _ arguments: [Thing], _ document: MongoDocument
  ) throws -> Thing? {
    let first = arguments.first?.plain ?? .undefined
    let path = first.asString
    switch method {
    case "isModified", "$isModified": return .value(.bool(isModified(document, first)))
    case "isDirectModified": return .value(.bool(document.isDirectModified(path ?? "")))
    case "isInit": return .value(.bool(document.isInit(path)))
    case "isSelected": return .value(.bool(document.isSelected(path ?? "")))
    case "isDirectSelected": return .value(.bool(document.isDirectSelected(path ?? "")))
    case "$isDefault": return .value(.bool(document.isDefault(path)))
    case "$isEmpty": return .value(.bool(document.isEmpty(path)))
    case "$isDeleted": return .value(.bool(document.isDeleted))
    case "$isValid": return .value(.bool(document.isValid(path)))
    case "modifiedPaths", "$modifiedPaths":
      let deep = first.asDocument?["includeChildren"] == true
      return names(document.modifiedPaths(includeChildren: deep))
    case "directModifiedPaths": return names(document.directModifiedPaths)
    case "populated", "$populated":
      return .value(path.flatMap { document.populated($0) } ?? .undefined)
    case "parent", "$parent": return Thing(document.parent)
    case "ownerDocument": return .document(document.ownerDocument)
    default: return try plain(method, arguments, document)
    }
  }

  private static func names(_ paths: [String]) -> Thing {
    .value(.array(paths.map { .string($0) }))
  }

  private static func isModified(_ document: MongoDocument, _ paths: Value) -> Bool {
    switch paths {
    case .string(let path): document.isModified(path)
    case .array(let names): document.isModified(names.compactMap(\.asString))
    default: document.isModified
    }
  }

  private static func plain(
    _ method: String, _ arguments: [Thing], _ document: MongoDocument
  ) throws -> Thing? {
    let values = arguments.map(\.plain)
    switch method {
    case "get", "$get":
      let options = values.count > 2 ? values[2].asDocument : nil
      return .value(
        try document.get(values.first?.asString ?? "", getters: options?["getters"] != false))
    case "toObject", "$toObject":
      return .value(.document(try document.toObject(try form(values))))
    case "toJSON": return .value(.document(try document.toJSON(try form(values))))
    case "equals":
      guard case .document(let other)? = arguments.first else { return .value(false) }
      return .value(.bool(document.isSame(as: other)))
    case "$clone": return .document(try document.copy())
    default: return nil
    }
  }

  private static func form(_ values: [Value]) throws -> ObjectForm {
    var form = ObjectForm()
    if case .document(let options)? = values.first {
      form = try ObjectFormReader.form(options)
    }
    form.marksMaps = Rendering.marksMaps
    return form
  }

  // MARK: - Changes

  private static func changed(
    _ method: String, _ arguments: [Thing], _ document: MongoDocument
  ) throws -> Thing? {
    let values = arguments.map(\.plain)
    let path = values.first?.asString ?? ""
    switch method {
    case "set", "$set": try set(document, arguments)
    case "$inc": try document.increment(path, by: values.count > 1 ? values[1] : 1)
    case "increment":
      document.increment()
      return .document(document)
    case "markModified": document.markModified(path)
    case "unmarkModified": document.unmarkModified(path)
    case "$ignore": document.ignore(path)
    case "$markValid": document.markValid(path)
    case "invalidate":
      document.invalidate(
        path, values.count > 1 ? values[1].asString ?? "" : "",
        value: values.count > 2 ? values[2] : .undefined,
        kind: values.count > 3 ? values[3].asString ?? "user defined" : "user defined")
    case "overwrite": try document.overwrite(values.first?.asDocument ?? Document())
    case "depopulate", "$depopulate":
      if path.isEmpty { document.depopulate() } else { document.depopulate(path) }
    default: return nil
    }
    return .document(document)
  }

  static func set(_ document: MongoDocument, _ arguments: [Thing]) throws {
    let options = arguments.count > 2 ? arguments[arguments.count - 1].plain.asDocument : nil
    let strict = options?["strict"].map { strictMode($0) }
    let merges = options?["merge"] == true
    guard let path = arguments.first?.plain.asString else {
      let choice = arguments.count > 1 ? arguments[1].plain.asDocument : nil
      return try document.set(
        arguments.first?.plain.asDocument ?? Document(), merge: choice?["merge"] == true,
        strict: choice?["strict"].map { strictMode($0) })
    }
    let thing = arguments.count > 1 ? arguments[1] : .undefined
    if case .document(let other) = thing { return try document.set(path, other) }
    if let others = thing.documents { return try document.set(path, others) }
    try document.set(
      path, thing.plain, merge: merges, strict: strict,
      overwriteImmutable: options?["overwriteImmutable"] == true)
  }

  static func strictMode(_ value: Value) -> StrictMode {
    value == "throw" ? .throw : value == false ? .keep : .drop
  }

  // MARK: - The store

  private enum Change { case update, replace }

  private static func query(
    _ document: MongoDocument, _ change: Change, _ arguments: [Thing]
  ) -> MongoQuery<QueryAnswer> {
    let values = arguments.first?.plain.asDocument ?? Document()
    let query = change == .update ? document.updateOne(values) : document.replaceOne(values)
    return QueryChain.options(arguments.dropFirst().first, query.erased)
  }

  private static func deleted(
    _ document: MongoDocument, _ arguments: [Thing]
  ) async throws -> Thing {
    if let session = arguments.first?.options.session { document.use(session) }
    let isSubdocument = document.isSubdocument
    let result = try await document.deleteOne()
    return isSubdocument ? .document(document) : .value(Rendering.plain(.delete(result)))
  }

  static func saveOptions(_ thing: Thing?) -> SaveOptions {
    guard let (plain, session) = thing?.options else { return SaveOptions() }
    return SaveOptions { options in
      options.session = session
      options.validateBeforeSave = plain["validateBeforeSave"]?.asBool
      options.validateModifiedOnly = plain["validateModifiedOnly"]?.asBool
      options.pathsToSave = plain["pathsToSave"]?.asArray?.compactMap(\.asString)
      options.timestamps = plain["timestamps"].map { timestamps($0) }
      options.hooks = plain["middleware"].map { hooks($0) } ?? .all
    }
  }

  static func timestamps(_ value: Value) -> TimestampChoice {
    guard case .document(let choice) = value else { return value == false ? .off : .on }
    return TimestampChoice(
      createdAt: choice["createdAt"] != false, updatedAt: choice["updatedAt"] != false)
  }

  static func hooks(_ value: Value) -> HookChoice {
    guard case .document(let choice) = value else { return value == false ? .none : .all }
    var hooks = HookChoice.all
    if choice["pre"] == false { hooks.remove(.pre) }
    if choice["post"] == false { hooks.remove(.post) }
    return hooks
  }

  static func validateOptions(_ values: [Value]) -> ValidateOptions {
    var options = ValidateOptions()
    var choice: Document?
    for value in values {
      switch value {
      case .string(let names): options.paths = names.split(separator: " ").map(String.init)
      case .array(let names): options.paths = names.compactMap(\.asString)
      case .document(let document): choice = document
      default: break
      }
    }
    options.modifiedOnly = choice?["validateModifiedOnly"]?.asBool
    switch choice?["pathsToSkip"] {
    case .string(let names)?:
      options.pathsToSkip = names.split(separator: " ").map(String.init)
    case .array(let names)?: options.pathsToSkip = names.compactMap(\.asString)
    default: break
    }
    return options
  }
}
