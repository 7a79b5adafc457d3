internal import PrivataCore

// The default texts name the path and the rule, never the value, which Mongoose's own do.

extension CompiledPath {
  static func rules(
    _ kind: Kind, _ options: PathOptions, allowed: [Value]
  ) throws -> [Rule] {
    var rules: [Rule] = []
    if let required = options.required {
      rules.append(
        Rule(
          check: .required(required), kind: "required",
          message: required.message ?? "Path `{PATH}` is required."))
    }
    rules += boundRules(kind, options)
    if let bound = options.allowed { rules.append(enumRule(allowed, bound.message)) }
    rules += try textRules(options)
    if !options.allowsNull {
      rules.append(
        Rule(
          check: .immediate { value, _ in value != .null }, kind: "allowNull",
          message: "Path `{PATH}` must not be null."))
    }
    for validator in options.validators { rules.append(rule(of: validator)) }
    return rules
  }

  private static func rule(of validator: PathValidator) -> Rule {
    let check: Rule.Check =
      switch validator.check {
      case .immediate(let body): .immediate(body)
      case .async(let body): .async(body)
      }
    return Rule(
      check: check, kind: validator.kind ?? "user defined",
      message: validator.message ?? "Validator failed for path `{PATH}`", isBuiltIn: false)
  }

  private static func enumRule(_ allowed: [Value], _ message: String?) -> Rule {
    Rule(
      check: .immediate { value, _ in
        value.isNullish || allowed.contains { $0.isDeepEqual(to: value) }
      },
      kind: "enum", message: message ?? "The value of path `{PATH}` is not a valid enum value.")
  }

  private static func boundRules(_ kind: Kind, _ options: PathOptions) -> [Rule] {
    var rules: [Rule] = []
    if let min = options.min {
      rules.append(bound(kind, min, "min", "less than minimum") { $0 >= 0 })
    }
    if let max = options.max {
      rules.append(bound(kind, max, "max", "more than maximum") { $0 <= 0 })
    }
    return rules
  }

  private static func bound(
    _ kind: Kind, _ bound: Bound<Value>, _ name: String, _ phrase: String,
    accepts: @escaping @Sendable (Int) -> Bool
  ) -> Rule {
    let limit = (try? scalarCast(bound.limit, kind, PathOptions(), path: "")) ?? bound.limit
    let shown = JavaScript.text(bound.limit) ?? ""
    let message =
      bound.message ?? "Path `{PATH}` is \(phrase) allowed value ({\(name.uppercased())})."
    return Rule(
      check: .immediate { value, _ in value.isNullish || accepts(Value.order(value, limit)) },
      kind: name,
      message: message.replacing("{\(name.uppercased())}", with: shown))
  }

  private static func textRules(_ options: PathOptions) throws -> [Rule] {
    var rules: [Rule] = []
    if let min = options.minLength {
      rules.append(length(min, "minlength", "shorter than the minimum") { $0 >= $1 })
    }
    if let max = options.maxLength {
      var rule = length(max, "maxlength", "longer than the maximum") { $0 <= $1 }
      rule.shortens = true
      rules.append(rule)
    }
    for match in options.matches {
      let pattern = try Pattern(match.limit)
      rules.append(
        Rule(
          check: .immediate { value, _ in
            guard let text = JavaScript.text(value), !text.isEmpty else { return true }
            return pattern.matches(text)
          },
          kind: "regexp", message: match.message ?? "Path `{PATH}` is invalid."))
    }
    return rules
  }

  private static func length(
    _ bound: Bound<Int>, _ name: String, _ phrase: String,
    accepts: @escaping @Sendable (Int, Int) -> Bool
  ) -> Rule {
    let placeholder = "{\(name.uppercased())}"
    let message =
      bound.message ?? "Path `{PATH}` is \(phrase) allowed length (\(placeholder))."
    return Rule(
      check: .immediate { value, _ in
        guard case .string(let text) = value else { return true }
        return accepts(text.utf16.count, bound.limit)
      },
      kind: name, message: message.replacing(placeholder, with: String(bound.limit)))
  }
}
