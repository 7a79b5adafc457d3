internal import PrivataCore

/// What a schema says about one path: its type and its options.
///
/// ```swift
/// let schema = Schema([
///   "name": .string(.required, .pii),
///   "age": .number(.min(0), .max(130)),
///   "profile": ["city": .string, "zip": .string],          // nested paths
///   "sessions": [.ref("Session")],                         // array of references
///   "allergies": [.document(["name": .string(.required)])],  // array of subdocuments
///   "labels": .map(of: .string),
/// ])
/// ```
public struct SchemaPath: Sendable {
  /// The type of a path.
  public indirect enum Kind: Sendable {
    case string, number, boolean, date, objectID, buffer, mixed, decimal128, bigInt, int32, double
    case uuid
    /// Plain nested paths without an identity of their own.
    case nested([Entry])
    /// One embedded document with a schema, an `_id` (unless its options say otherwise) and hooks.
    case subdocument(Schema)
    case array(SchemaPath)
    case map(SchemaPath)
  }

  /// A path's name and what the schema says about it.
  public struct Entry: Sendable {
    public var name: String
    public var path: SchemaPath

    /// Made of these parts; what is left out has its usual value.
    public init(_ name: String, _ path: SchemaPath) {
      self.name = name
      self.path = path
    }
  }

  /// The type and what else is said about the path.
  public var kind: Kind
  public var options: PathOptions

  /// A path of this type; for schemas made at run time.
  public init(_ kind: Kind, _ options: PathOptions = PathOptions()) {
    self.kind = kind
    self.options = options
  }

  init(_ kind: Kind, with options: [PathOption]) {
    self.kind = kind
    self.options = PathOptions(options)
  }

  /// The path with more options.
  ///
  /// ```swift
  /// "tags": SchemaPath.array(of: .string).with(.default(["new"]))
  /// ```
  public func with(_ options: PathOption...) -> SchemaPath {
    var path = self
    for option in options { option.apply(&path.options) }
    return path
  }
}

extension SchemaPath: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  /// An array; without an element type one of anything.
  public init(arrayLiteral elements: SchemaPath...) {
    self.init(.array(elements.first ?? .mixed))
  }

  /// Nested paths; `[:]` is a path of anything.
  public init(dictionaryLiteral elements: (String, SchemaPath)...) {
    let entries = elements.map { Entry($0.0, $0.1) }
    self.init(entries.isEmpty ? .mixed : .nested(entries))
  }
}

extension SchemaPath {
  /// Text.
  public static var string: SchemaPath { .init(.string) }
  /// Text with options: `.string(.required, .trim, .lowercase)`.
  public static func string(_ options: PathOption...) -> SchemaPath {
    .init(.string, with: options)
  }

  /// A JavaScript number: stored as int32 where integral and within 32 bits, else as double.
  public static var number: SchemaPath { .init(.number) }
  /// A number with options: `.number(.min(0), .max(130))`.
  public static func number(_ options: PathOption...) -> SchemaPath {
    .init(.number, with: options)
  }

  /// True or false.
  public static var boolean: SchemaPath { .init(.boolean) }
  /// A Boolean with options.
  public static func boolean(_ options: PathOption...) -> SchemaPath {
    .init(.boolean, with: options)
  }

  /// A moment in milliseconds.
  public static var date: SchemaPath { .init(.date) }
  /// A date with options: `.date(.default { _ in .date(.now) })`.
  public static func date(_ options: PathOption...) -> SchemaPath { .init(.date, with: options) }

  /// An object id.
  public static var objectID: SchemaPath { .init(.objectID) }
  /// An object id with options.
  public static func objectID(_ options: PathOption...) -> SchemaPath {
    .init(.objectID, with: options)
  }

  /// The id of a document of another model, for `populate`.
  public static func ref(_ model: String, _ options: PathOption...) -> SchemaPath {
    .init(.objectID, with: options + [.ref(model)])
  }

  /// Bytes.
  public static var buffer: SchemaPath { .init(.buffer) }
  /// Bytes with options.
  public static func buffer(_ options: PathOption...) -> SchemaPath {
    .init(.buffer, with: options)
  }

  /// Anything; nothing is cast.
  public static var mixed: SchemaPath { .init(.mixed) }
  /// Anything, with options.
  public static func mixed(_ options: PathOption...) -> SchemaPath { .init(.mixed, with: options) }

  /// An exact decimal number of 34 digits.
  public static var decimal128: SchemaPath { .init(.decimal128) }
  /// A decimal with options.
  public static func decimal128(_ options: PathOption...) -> SchemaPath {
    .init(.decimal128, with: options)
  }

  /// A 64-bit integer.
  public static var bigInt: SchemaPath { .init(.bigInt) }
  /// A 64-bit integer with options.
  public static func bigInt(_ options: PathOption...) -> SchemaPath {
    .init(.bigInt, with: options)
  }

  /// A 32-bit integer.
  public static var int32: SchemaPath { .init(.int32) }
  /// A 32-bit integer with options.
  public static func int32(_ options: PathOption...) -> SchemaPath { .init(.int32, with: options) }

  /// A number always stored as double.
  public static var double: SchemaPath { .init(.double) }
  /// A double with options.
  public static func double(_ options: PathOption...) -> SchemaPath {
    .init(.double, with: options)
  }

  /// A UUID, stored as binary of subtype 4.
  public static var uuid: SchemaPath { .init(.uuid) }
  /// A UUID with options.
  public static func uuid(_ options: PathOption...) -> SchemaPath { .init(.uuid, with: options) }

  /// One embedded document.
  public static func document(_ schema: Schema, _ options: PathOption...) -> SchemaPath {
    .init(.subdocument(schema), with: options)
  }

  /// An array of a type.
  public static func array(of element: SchemaPath, _ options: PathOption...) -> SchemaPath {
    .init(.array(element), with: options)
  }

  /// Values of one type under string keys that the schema does not name.
  public static func map(of value: SchemaPath = .mixed, _ options: PathOption...) -> SchemaPath {
    .init(.map(value), with: options)
  }

  /// Nested paths, for schemas made at run time.
  public static func nested(_ entries: [Entry]) -> SchemaPath { .init(.nested(entries)) }
}
