/// A filter of MongoDB's language, compiled once, that answers whether a document matches, as a
/// MongoDB 6.0 server would.
///
/// ```swift
/// let adults = try DocumentMatcher(["age": ["$gte": 18]])
/// try adults.matches(["age": 36])  // true
/// ```
///
/// Errors name operators and fields, never values.
package struct DocumentMatcher: Sendable {
  let root: MatchExpression
  let order: ValueOrder
  let text: TextSearch?

  /// Compiles a filter.
  ///
  /// - Parameters:
  ///   - collation: MongoDB's collation document; strings compare by it.
  ///   - textFields: the fields of the collection's text index, for `$text`.
  ///   - variables: names that `$expr` may use and ``matches(_:_:)`` gets values for.
  /// - Throws: `unknownOperator` for an operator that MongoDB does not know, `unsupported` for
  ///   `$where`, `rejectedByStore` with a ``ServerError`` for what MongoDB refuses.
  package init(
    _ filter: Document, collation: Document? = nil, textFields: [String] = [],
    variables: [String] = []
  ) throws(PrivataError) {
    order = try ValueOrder(collation)
    var parser = MatchParser(textFields: textFields, variables: variables)
    root = try parser.filter(filter, isTopLevel: true)
    text = parser.text
  }

  /// True where the document matches.
  ///
  /// - Throws: what an expression under `$expr` throws.
  package func matches(_ document: Document) throws(PrivataError) -> Bool {
    var record = MatchRecord()
    return try root.matches(document, order, &record)
  }

  /// As ``matches(_:)`` with values for the variables.
  func matches(_ document: Document, _ variables: [Value?]) throws(PrivataError) -> Bool {
    var record = MatchRecord()
    record.variables = variables
    return try root.matches(document, order, &record)
  }

  /// Matches the document and records which array element led to it, for the positional `$` of
  /// updates and projections; `nil` where it does not match.
  package func match(_ document: Document) throws(PrivataError) -> MatchRecord? {
    var record = MatchRecord()
    return try root.matches(document, order, &record) ? record : nil
  }

  /// The score of a document under the filter's `$text`, 0 without one.
  package func textScore(of document: Document) -> Double { text?.score(document) ?? 0 }

  /// True where the filter has a `$text`.
  package var hasText: Bool { text != nil }
}

/// What a match leaves behind for positional operators.
package struct MatchRecord: Sendable, Hashable {
  /// The position in the outermost array of the element that satisfied the last condition.
  package var index: Int?
  /// Values of variables that expressions may use.
  var variables: [Value?] = []

  /// Nothing recorded.
  package init(index: Int? = nil) { self.index = index }
}
