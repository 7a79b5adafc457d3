internal import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// What all sessions of a store share: its pool, what is known of statements, and its place.
final class PostgresContext: Sendable {
  let pool: PostgresPool
  let place: String
  let options: PostgresOptions
  let transport: StoreTraits.Transport
  let constraints = PostgresConstraints()
  private let shapes = Mutex(Shapes())

  private struct Shapes {
    var byTemplate: [Int: PostgresShape] = [:]
    var byText: [String: PostgresShape] = [:]
  }

  init(
    _ pool: PostgresPool, place: String, transport: StoreTraits.Transport,
    options: PostgresOptions
  ) {
    self.pool = pool
    self.transport = transport
    self.place = place
    self.options = options
  }

  // The last store, transaction or stream that uses the connections is gone.
  deinit { pool.close() }

  /// The shape of a template. Statements that came as text are found by it, because each run has a
  /// template of its own.
  func shape(of template: SQLTemplate) -> PostgresShape {
    shapes.withLock { shapes in
      if template.kind == "raw" || !template.isCompiled {
        if let known = shapes.byText[template.text] { return known }
        if shapes.byText.count >= Self.limit { shapes.byText.removeAll(keepingCapacity: true) }
        let shape = PostgresShape(template.text, types: Self.types(template), isRaw: true)
        shapes.byText[template.text] = shape
        return shape
      }
      if let known = shapes.byTemplate[template.id] { return known }
      if shapes.byTemplate.count >= Self.limit {
        shapes.byTemplate.removeAll(keepingCapacity: true)
      }
      let shape = PostgresShape(template.text, types: Self.types(template))
      shapes.byTemplate[template.id] = shape
      return shape
    }
  }

  /// More shapes than any program has that does not make them up as it runs.
  private static let limit = 8192

  /// The types that a template states itself, `nil` where the server has to be asked.
  private static func types(_ template: SQLTemplate) -> PostgresShape.Types? {
    guard template.kind != "raw" || template.columns?.isEmpty == true else { return nil }
    var parameters: [PostgresType] = []
    for field in template.parameters {
      guard let field else { return nil }
      parameters.append(PostgresType(parameter: field))
    }
    return PostgresShape.Types(parameters: parameters, isBinary: true)
  }

  /// When a statement that starts now has to be answered.
  func deadline(milliseconds: Int? = nil) -> MonotonicTime {
    let bound = milliseconds ?? options.statementTimeout
    return bound > 0 ? MonotonicTime.now.adding(milliseconds: bound) : .never
  }
}
