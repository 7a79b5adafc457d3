internal import PrivataCore

/// Which paths `validate()` looks at.
public struct ValidateOptions: Sendable {
  /// Only these, where they changed or are required.
  public var paths: [String]?
  public var pathsToSkip: [String] = []
  /// Ignores what is wrong with paths that did not change; the schema's own choice where `nil`.
  public var modifiedOnly: Bool?
  /// Also paths that did not change.
  public var allPaths = false
  public var hooks: HookChoice = .all
  /// Set where a parent validates its subdocuments.
  var isNested = false

  /// The usual paths: changed, filled in, loaded and required ones.
  public init() {}

  /// The usual paths with changes.
  public init(_ change: (inout ValidateOptions) -> Void) { change(&self) }
}

extension MongoDocument {
  /// Checks the document against its schema.
  ///
  /// ```swift
  /// try await user.validate()
  /// ```
  ///
  /// - Throws: ``ValidationError`` (in `PrivataError.underlying`) with the first error of each
  ///   path, and what hooks throw.
  public func validate(_ options: ValidateOptions = ValidateOptions()) async throws {
    do { try await runValidate(options) } catch { throw outward(error) }
  }

  /// Checks what can be checked without waiting: asynchronous validators and hooks are left out.
  ///
  /// - Returns: what is wrong, `nil` where nothing is.
  public func validateSync(_ options: ValidateOptions = ValidateOptions()) -> ValidationError? {
    locked {
      do {
        for item in try validationItems(options) { try checkNow(item) }
      } catch { return nil }
      return completeValidation(options)
    }
  }

  func runValidate(_ options: ValidateOptions) async throws {
    try locked {
      guard !isPart else { return }
      if state.isValidating { throw ParallelValidateError() }
      state.isValidating = true
    }
    defer { locked { state.isValidating = false } }
    var operation = OperationOptions()
    operation.hooks = options.hooks
    do {
      try await schema.hooks.runBefore(.validate, self, operation)
    } catch {
      return try await schema.hooks.runAfter(.validate, self, options.hooks, failure: error)
    }
    var options = options
    if options.paths == nil { options.paths = locked { state.saveOptions?.pathsToSave } }
    for item in try locked({ try validationItems(options) }) { try await check(item) }
    let failure = locked { completeValidation(options) }
    try await schema.hooks.runAfter(.validate, self, options.hooks, failure: failure)
  }

  private func completeValidation(_ options: ValidateOptions) -> ValidationError? {
    var invalid = state.invalid
    state.invalid = nil
    state.requiredByCondition = [:]
    if options.modifiedOnly ?? schema.options.validateModifiedOnly {
      invalid?.remove { !isModified($0) }
    }
    guard let invalid, !invalid.errors.isEmpty else { return nil }
    if case .element = state.place { return invalid }
    for entry in invalid.errors where entry.error is CastError {
      try? invalidate(entry.path, entry.error)
    }
    return invalid
  }

  // MARK: - One path

  /// A path to check.
  struct ValidationItem {
    var path: String
    var type: CompiledPath
    /// Only the subdocument's own paths changed: rules of the path itself were met before.
    var onlySubdocument = false
    var isNested = true
  }

  private func check(_ item: ValidationItem) async throws {
    guard let value = locked({ valueToCheck(item) }) else { return }
    if !item.onlySubdocument, let error = await item.type.firstError(value, context(item)) {
      try locked { try invalidate(item.path, error) }
      return
    }
    for document in locked({ subdocuments(of: item) }) {
      var options = ValidateOptions()
      options.isNested = item.type.isDocumentArray
      do { try await document.runValidate(options) } catch is ValidationError {}
    }
  }

  private func checkNow(_ item: ValidationItem) throws {
    guard let value = valueToCheck(item) else { return }
    if !item.onlySubdocument, let error = item.type.firstErrorNow(value, context(item)) {
      return try invalidate(item.path, error)
    }
    for document in subdocuments(of: item) { _ = document.validateSync() }
  }

  private func context(_ item: ValidationItem) -> RuleContext {
    let scope: MongoDocument = locked {
      deepest(item.path)
    }
    return RuleContext(document: scope, query: nil, path: item.path)
  }

  /// Rules see the subdocument that holds the path.
  private func deepest(_ path: String) -> MongoDocument { self }

  /// The value of a path, `nil` where it is not to be checked.
  private func valueToCheck(_ item: ValidationItem) -> Value? {
    guard isValid(item.path) else { return nil }
    if item.type.isMixed, item.path != item.type.path { return nil }
    if let populated = state.populated[item.path] { return populated.ids }
    let slot = storedSlot(item.path) ?? .undefined
    if case .populated(let document) = slot { return document._id }
    return slot.plain
  }

  private func subdocuments(of item: ValidationItem) -> [MongoDocument] {
    switch storedSlot(item.path) {
    case .subdocument(let document)?: [document]
    case .list(let list)? where item.type.isDocumentArray:
      list.elements.compactMap { element in
        if case .subdocument(let document) = element { document } else { nil }
      }
    default: []
    }
  }
}
