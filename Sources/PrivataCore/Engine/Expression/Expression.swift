/// An expression of MongoDB's aggregation language, compiled once: `["$add": ["$price", 1]]`.
///
/// ```swift
/// let total = try Expression(["$multiply": ["$price", "$quantity"]])
/// try total.evaluate(["price": 3, "quantity": 4])  // .int32(12)
/// ```
package struct Expression: Sendable {
  let evaluator: Evaluator

  /// Compiles an expression.
  ///
  /// - Parameter variables: names that ``evaluate(_:order:variables:)`` is given values for.
  /// - Throws: `unknownOperator` for an unknown operator, `rejectedByStore` with MongoDB's code for
  ///   what MongoDB refuses, `unsupported` for `$function` and its like.
  package init(_ value: Value, variables: [String] = []) throws(PrivataError) {
    let compiler = ExpressionCompiler(scope: variables)
    evaluator = try compiler.compile(value)
  }

  init(_ evaluator: @escaping Evaluator) { self.evaluator = evaluator }

  /// The value for a document; `nil` where the expression answers nothing (a missing field).
  ///
  /// - Parameter variables: values in the order of the names given on compiling.
  /// - Throws: what MongoDB refuses while it evaluates: a division by zero, a value of another type.
  package func evaluate(
    _ document: Document, order: ValueOrder = ValueOrder(), variables: [Value?] = []
  ) throws(PrivataError) -> Value? {
    try evaluator(ExpressionContext(root: document, order: order, slots: variables))
  }

  func evaluate(_ context: ExpressionContext) throws(PrivataError) -> Value? {
    try evaluator(context)
  }
}

/// A compiled expression's body.
typealias Evaluator = @Sendable (ExpressionContext) throws(PrivataError) -> Value?

/// What an expression sees: the document, the collation and the variables bound around it.
struct ExpressionContext: Sendable {
  let root: Document
  /// What `$field` reads from; the root but inside `$redact`'s descent.
  var current: Document
  let order: ValueOrder
  let now: DateTime
  /// Values of variables, in the order in which their scopes were opened.
  var slots: [Value?]
  /// What `$meta: "textScore"` answers.
  var textScore = 0.0

  init(root: Document, order: ValueOrder, slots: [Value?] = [], now: DateTime = .now) {
    self.root = root
    current = root
    self.order = order
    self.slots = slots
    self.now = now
  }

  /// The context inside a scope that binds one more variable.
  func binding(_ value: Value?) -> ExpressionContext {
    var inner = self
    inner.slots.append(value)
    return inner
  }
}

extension DottedPath {
  /// The value at a path as expressions see it: arrays on the way give an array of what their
  /// documents hold, and numbers name no positions.
  func expressionValue(in document: Document, from start: Int = 0) -> Value? {
    let value = document[parts[start]]
    guard start + 1 < parts.count else { return value }
    switch value {
    case .document(let inner)?: return expressionValue(in: inner, from: start + 1)
    case .array(let items)?: return .array(expressionValues(in: items, from: start + 1))
    default: return nil
    }
  }

  private func expressionValues(in items: [Value], from start: Int) -> [Value] {
    items.compactMap { item in
      switch item {
      case .document(let inner): expressionValue(in: inner, from: start)
      default: nil
      }
    }
  }
}
