internal import PrivataCore

extension CompiledPath {
  /// The first rule that the value breaks. Rules that need not wait come first.
  func firstError(_ value: Value, _ context: RuleContext) async -> ValidatorError? {
    if let error = firstErrorNow(value, context) { return error }
    if value.isUndefined { return nil }
    for rule in rules {
      guard case .async(let body) = rule.check else { continue }
      do {
        if try await !body(value, context) { return error(rule, value, context) }
      } catch { return self.error(rule, value, context, thrown: error) }
    }
    return nil
  }

  /// The first rule without waiting that the value breaks.
  func firstErrorNow(_ value: Value, _ context: RuleContext) -> ValidatorError? {
    for rule in rules {
      switch rule.check {
      case .required(let required):
        if !meets(required, value, context) { return error(rule, value, context) }
      case .immediate(let body):
        if value.isUndefined { continue }
        do {
          if try !body(value, context) { return error(rule, value, context) }
        } catch { return self.error(rule, value, context, thrown: error) }
      case .async: continue
      }
    }
    return nil
  }

  private func meets(_ rule: RequiredRule, _ value: Value, _ context: RuleContext) -> Bool {
    if let document = context.document {
      let known = document.locked { document.state.requiredByCondition[path] }
      if known == false { return true }
      if known == nil, let condition = rule.condition,
        (try? condition(context)) == false
      {
        return true
      }
    } else if let condition = rule.condition, (try? condition(context)) == false {
      return true
    }
    return isPresent(value)
  }

  /// What `required` takes for a value.
  func isPresent(_ value: Value) -> Bool {
    if value.isNullish { return false }
    switch (kind, value) {
    case (_, .document) where isReference: return true
    case (.string, .string(let text)): return !text.isEmpty
    case (.string, _): return false
    case (.number, _): return value.isJavaScriptNumber
    case (.boolean, .bool), (.date, .date), (.objectID, .objectID), (.decimal128, .decimal):
      return true
    case (.boolean, _), (.date, _), (.objectID, _), (.decimal128, _): return false
    case (.buffer, .binary(let binary)): return !binary.bytes.isEmpty
    case (.buffer, _): return false
    default: return true
    }
  }

  private func error(
    _ rule: Rule, _ value: Value, _ context: RuleContext, thrown: (any Error)? = nil
  ) -> ValidatorError {
    var message = rule.message
    if let thrown { message = CompiledPath.message(of: thrown) }
    return ValidatorError(
      kind: rule.kind, path: context.path, value: value,
      message: CompiledPath.filled(message, context.path, value, rule), reason: thrown)
  }

  private static func message(of error: any Error) -> String {
    if let own = error as? any MongoStyleError { return own.message }
    if let own = error as? PrivataError { return own.message }
    return "\(error)"
  }

  private static func filled(
    _ template: String, _ path: String, _ value: Value, _ rule: Rule
  ) -> String {
    guard template.utf8.contains(0x7B) else { return template }
    var shown = JavaScript.shown(value)
    if rule.shortens, shown.utf16.count > 30 { shown = String(shown.prefix(30)) + "..." }
    return template.replacing("{PATH}", with: path).replacing("{VALUE}", with: shown)
      .replacing("{KIND}", with: rule.kind).replacing("{TYPE}", with: rule.kind)
  }
}

extension JavaScript {
  /// `String(value)`, for the messages that a program asks for.
  static func shown(_ value: Value) -> String {
    switch value {
    case .null: "null"
    case .undefined: "undefined"
    case .array(let items): items.map(shown).joined(separator: ",")
    case .document: "[object Object]"
    default: text(value) ?? ""
    }
  }
}
