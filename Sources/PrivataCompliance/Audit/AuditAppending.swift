public import PrivataCore

/// Appends the event of a read by id over and over, as every read of a vault does with the row that it
/// answers; what the suite `audit` of the benchmark times.
///
/// ```swift
/// @_spi(Measuring) import PrivataCompliance
///
/// let events = try AuditAppending(vault, userSchema, key: .objectID(id))
/// try events.append(10_000)
/// ```
///
/// - Privacy: the events name the record by its keyed reference, like those of a read.
@_spi(Measuring) public struct AuditAppending: Sendable {
  private let core: VaultCore
  private let separation: Separation
  private let scope: AuditScope
  private let query: Query
  private let row: RowBatch

  /// Events of reads of the record with this key.
  ///
  /// - Throws: what dividing the model throws.
  public init(_ vault: Vault, _ model: ModelSchema, key: Value) throws(PrivataError) {
    core = vault.core
    separation = try vault.core.registry.separation(of: model)
    query = Query(model, where: .compare(model.key.name, .equal, key), layout: .cells)
    scope = AuditScope(query, separation)
    var row = RowBatch(width: max(model.fields.count, 1))
    for field in model.fields { row.append(field.name == model.key.name ? key : .null) }
    self.row = row
  }

  /// Appends so many events.
  ///
  /// - Throws: `auditUnavailable` where the journal has no room.
  public func append(_ count: Int) throws(PrivataError) {
    for _ in 0..<count {
      try core.recorder.record(
        .service, scope: scope.encoded, result: scope.result(row, query, separation, core),
        isPersonal: separation.isPersonal)
    }
  }
}
