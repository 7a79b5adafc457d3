public import PrivataCore

/// One option of a path in a schema literal: `.required`, `.min(0)`, `.pii`.
public struct PathOption: Sendable {
  var apply: @Sendable (inout PathOptions) -> Void

  init(_ apply: @escaping @Sendable (inout PathOptions) -> Void) { self.apply = apply }
}

// MARK: - Presence

extension PathOption {
  /// The path must have a value; an empty text is none.
  public static var required: PathOption { PathOption { $0.required = RequiredRule() } }

  /// The path must have a value, with the text of the error.
  public static func required(_ message: String) -> PathOption {
    PathOption { $0.required = RequiredRule(message: message) }
  }

  /// The path must have a value where the condition holds.
  ///
  /// ```swift
  /// "guardian": .string(.required(if: { $0.value("isMinor") == true }))
  /// ```
  public static func required(
    if condition: @escaping @Sendable (RuleContext) throws -> Bool, _ message: String? = nil
  ) -> PathOption {
    PathOption { $0.required = RequiredRule(message: message, condition: condition) }
  }

  /// The value of new documents that have none.
  public static func `default`(_ value: Value) -> PathOption {
    PathOption { $0.defaultValue = .value(value) }
  }

  /// The value of new documents that have none, computed when the other values are set.
  public static func `default`(
    _ make: @escaping @Sendable (MongoDocument?) throws -> Value
  ) -> PathOption {
    PathOption { $0.defaultValue = .function(make) }
  }

  /// No default: an array that is not given stays undefined.
  public static var noDefault: PathOption { PathOption { $0.defaultValue = DefaultRule.none } }

  /// Refuses null, while the value may be absent.
  public static var notNull: PathOption { PathOption { $0.allowsNull = false } }

  /// The value may be set on new documents only.
  public static var immutable: PathOption { PathOption { $0.immutable = .always } }

  /// The value may not change where the condition holds.
  public static func immutable(
    if condition: @escaping @Sendable (RuleContext) throws -> Bool
  ) -> PathOption {
    PathOption { $0.immutable = .when(condition) }
  }
}

// MARK: - Rules

extension PathOption {
  /// The values that the path may have.
  public static func `enum`(_ values: [Value], message: String? = nil) -> PathOption {
    PathOption { $0.allowed = Bound(values, message: message) }
  }

  /// The least number or date.
  public static func min(_ limit: Value, message: String? = nil) -> PathOption {
    PathOption { $0.min = Bound(limit, message: message) }
  }

  /// The greatest number or date.
  public static func max(_ limit: Value, message: String? = nil) -> PathOption {
    PathOption { $0.max = Bound(limit, message: message) }
  }

  /// The least length of a text, in UTF-16 units.
  public static func minLength(_ limit: Int, message: String? = nil) -> PathOption {
    PathOption { $0.minLength = Bound(limit, message: message) }
  }

  /// The greatest length of a text, in UTF-16 units.
  public static func maxLength(_ limit: Int, message: String? = nil) -> PathOption {
    PathOption { $0.maxLength = Bound(limit, message: message) }
  }

  /// A regular expression that a text must match; empty texts pass.
  public static func match(
    _ pattern: String, options: String = "", message: String? = nil
  ) -> PathOption {
    PathOption {
      $0.matches.append(Bound(RegularExpression(pattern, options: options), message: message))
    }
  }

  /// A rule of the program's own.
  public static func validate(
    _ message: String? = nil, kind: String? = nil,
    _ check: @escaping @Sendable (Value, RuleContext) throws -> Bool
  ) -> PathOption {
    PathOption {
      $0.validators.append(PathValidator(.immediate(check), message: message, kind: kind))
    }
  }

  /// A rule of the program's own that waits.
  public static func validateAsync(
    _ message: String? = nil, kind: String? = nil,
    _ check: @escaping @Sendable (Value, RuleContext) async throws -> Bool
  ) -> PathOption {
    PathOption { $0.validators.append(PathValidator(.async(check), message: message, kind: kind)) }
  }
}

// MARK: - Conversions

extension PathOption {
  /// Texts become lower case, in filters and updates too.
  public static var lowercase: PathOption { text { $0.lowercased() } }

  /// Texts become upper case, in filters and updates too.
  public static var uppercase: PathOption { text { $0.uppercased() } }

  /// Texts lose the white space around them, in filters and updates too.
  public static var trim: PathOption { text { JavaScript.trim($0) } }

  private static func text(_ change: @escaping @Sendable (String) -> String) -> PathOption {
    PathOption { options in
      var setter = PathSetter { value, _ in
        guard !value.isNullish else { return value }
        guard let text = JavaScript.text(value) else {
          throw CastError(kind: "string", path: "", value: value)
        }
        return .string(change(text))
      }
      setter.isBuiltIn = true
      options.setters.append(setter)
    }
  }

  /// What an assigned value becomes before it is cast.
  public static func set(_ change: @escaping @Sendable (Value) throws -> Value) -> PathOption {
    PathOption { $0.setters.append(PathSetter { value, _ in try change(value) }) }
  }

  /// What a stored value is read as.
  public static func get(_ show: @escaping @Sendable (Value) throws -> Value) -> PathOption {
    PathOption { $0.getters.append(PathGetter { value, _ in try show(value) }) }
  }

  /// What a value is shown as by `toObject` and `toJSON`.
  public static func transform(_ show: @escaping @Sendable (Value) throws -> Value) -> PathOption {
    PathOption { $0.transform = PathGetter { value, _ in try show(value) } }
  }

  /// Converts values in place of the type's own conversion.
  public static func cast(_ convert: @escaping @Sendable (Value) throws -> Value) -> PathOption {
    PathOption { $0.cast = convert }
  }
}

// MARK: - Reading and keys

extension PathOption {
  /// Whether queries answer the path where they do not say.
  public static func select(_ isSelected: Bool) -> PathOption {
    PathOption { $0.select = isSelected }
  }

  /// The model whose `_id` the path holds.
  public static func ref(_ model: String) -> PathOption { PathOption { $0.ref = .named(model) } }

  /// The path that holds the name of the model referred to.
  public static func refPath(_ path: String) -> PathOption {
    PathOption { $0.refPath = .path(path) }
  }

  /// Another name for the path, which is not stored.
  public static func alias(_ name: String) -> PathOption {
    PathOption { $0.aliases.append(name) }
  }

  /// Keeps an index over the path.
  public static var index: PathOption { indexed { _ in } }

  /// Keeps a unique index over the path.
  public static var unique: PathOption { indexed { $0.isUnique = true } }

  /// Keeps a unique index over the path, with the text of a duplicate's error.
  public static func unique(_ message: String) -> PathOption {
    indexed {
      $0.isUnique = true
      $0.uniqueMessage = message
    }
  }

  /// Keeps an index of the documents that have the path.
  public static var sparse: PathOption { indexed { $0.isSparse = true } }

  /// MongoDB removes the document that many seconds after the date.
  public static func expires(afterSeconds seconds: Int) -> PathOption {
    indexed { $0.expiresAfterSeconds = seconds }
  }

  private static func indexed(
    _ change: @escaping @Sendable (inout PathIndex) -> Void
  ) -> PathOption {
    PathOption { options in
      var index = options.index ?? PathIndex()
      change(&index)
      options.index = index
    }
  }
}

// MARK: - Privacy

extension PathOption {
  /// Identifies, contacts, authenticates or finances a person: kept in the identity store.
  public static var pii: PathOption { PathOption { $0.privacy = .pii } }

  /// Health or care content: kept in the clinical store.
  public static var phi: PathOption { PathOption { $0.privacy = .phi } }

  /// Kept with the identity half.
  public static var identity: PathOption { PathOption { $0.placement = .identity } }

  /// Kept with the clinical half.
  public static var clinical: PathOption { PathOption { $0.placement = .clinical } }

  /// Kept in both halves.
  public static var both: PathOption { PathOption { $0.placement = .both } }

  /// Sealed with the subject's key before it is stored.
  public static var encrypted: PathOption { PathOption { $0.encryption = .encrypted } }

  /// Sealed with the subject's key, and found by equality.
  ///
  /// ```swift
  /// "email": .string(.pii, .unique, .encrypted(index: .equality, normalising: [.trim, .lowercase]))
  /// ```
  public static func encrypted(
    index: FieldEncryption.Index, normalising normalisation: [FieldEncryption.Normalisation] = []
  ) -> PathOption {
    PathOption { $0.encryption = .encrypted(index: index, normalising: normalisation) }
  }
}
