internal import PrivataCore
internal import PrivataSQL
internal import Synchronization

/// A statement's text and what the server has said about it, shared by all connections of a store.
final class PostgresShape: Sendable {
  let text: String
  /// What connections know the shape by.
  let id: Int
  /// What the statement says of its types, without asking.
  private let stated: Types?
  /// True where one shape stands for statements that read their columns differently.
  private let isRaw: Bool
  private let known: Mutex<Known>

  private struct Known {
    var types: Types?
    var columns: PostgresColumns?
  }

  /// The types of a statement's parameters and columns.
  struct Types: Sendable {
    var parameters: [PostgresType]
    /// True where all columns have a type whose binary form we read.
    var isBinary: Bool
  }

  /// A shape of a statement, with its types where it states them.
  init(_ text: String, types: Types? = nil, isRaw: Bool = false) {
    self.text = text
    self.isRaw = isRaw
    stated = types
    known = Mutex(Known(types: types))
    id = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// What is known of the types, `nil` until the server has been asked.
  var types: Types? {
    get { known.withLock { $0.types } }
    set { known.withLock { $0.types = newValue } }
  }

  /// How a result of the statement is read.
  func columns(of result: PostgresResult, _ template: SQLTemplate) -> PostgresColumns {
    if let columns = known.withLock({ $0.columns }), columns.describe(result),
      !isRaw || (template.columns == columns.fields && template.answersText == columns.keepsText)
    {
      return columns
    }
    let columns = PostgresColumns(
      result, template.columns, keepsText: template.answersText)
    known.withLock { $0.columns = columns }
    return columns
  }

  /// Forgets what the server said: it may answer otherwise by now.
  func renew() { known.withLock { $0 = Known(types: stated) } }

  /// True while the statement is taken for a slow one, which goes by itself so that no other waits
  /// behind it.
  var isSlow: Bool { slowness.load(ordering: .relaxed) }

  /// Takes note of how long a group took that the statement was part of.
  func note(isSlow: Bool) {
    if isSlow != self.isSlow { slowness.store(isSlow, ordering: .relaxed) }
  }

  private let slowness = Atomic(false)
  private static let count = Atomic<Int>(0)
}
