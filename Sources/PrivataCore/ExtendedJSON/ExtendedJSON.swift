/// The two forms of MongoDB Extended JSON, version 2.
///
/// ```swift
/// let document: Document = ["n": 1, "big": .int64(5)]
/// document.extendedJSON(.relaxed)    // {"n":1,"big":5}
/// document.extendedJSON(.canonical)  // {"n":{"$numberInt":"1"},"big":{"$numberLong":"5"}}
/// ```
///
/// Source: MongoDB specification "Extended JSON", version 2.
public enum ExtendedJSON: Sendable, Hashable {
  /// Every type is kept.
  case canonical
  /// Numbers and dates as plain JSON where it can hold them; easier to read.
  case relaxed
}

extension Value {
  /// The value of an Extended JSON text, in either form. Whole numbers become int32 where they fit,
  /// then int64, then double.
  ///
  /// ```swift
  /// try Value(extendedJSON: #"{"$oid": "60a000000000000000000001"}"#)
  /// ```
  ///
  /// - Throws: `malformed`, with the offset of the byte, where the text is no JSON, nests more than
  ///   100 levels deep, or writes a type in a way that Extended JSON does not know.
  public init(extendedJSON text: some StringProtocol) throws(PrivataError) {
    // A wrapper such as {"$date": {"$numberLong": …}} adds levels that the value does not have.
    let json = try JSONParser.parse(text, depthLimit: bsonNestingLimit + 3)
    self = try ExtendedJSONReader.value(of: json, depth: 0)
  }

  /// The value as Extended JSON without white space, relaxed unless asked otherwise.
  ///
  /// - Privacy: the text holds what the value holds.
  public func extendedJSON(_ form: ExtendedJSON = .relaxed) -> String {
    var writer = ExtendedJSONWriter(form)
    writer.append(self)
    return writer.text
  }
}

extension Document {
  /// The document of an Extended JSON text, in either form.
  ///
  /// ```swift
  /// try Document(extendedJSON: #"{"age": {"$gte": 18}}"#)
  /// ```
  ///
  /// - Throws: as ``Value/init(extendedJSON:)``, and `wrongType` where the text is another value.
  public init(extendedJSON text: some StringProtocol) throws(PrivataError) {
    guard case .document(let document) = try Value(extendedJSON: text) else {
      throw PrivataError(.wrongType, "the JSON is not a document")
    }
    self = document
  }

  /// The document as Extended JSON without white space, relaxed unless asked otherwise.
  ///
  /// - Privacy: the text holds what the document holds.
  public func extendedJSON(_ form: ExtendedJSON = .relaxed) -> String {
    Value.document(self).extendedJSON(form)
  }
}
