internal import PrivataCore
internal import Synchronization

/// A stream that leaves an audit event for each piece that it hands out, so that a stream that is
/// given up records what was delivered.
final class AuditedStream: RowStream {
  private let inner: any RowStream
  private let scope: AuditScope
  private let query: Query
  private let mask: FieldMask
  private let context: AccessContext
  private let core: VaultCore

  init(
    _ inner: any RowStream, scope: AuditScope, query: Query, mask: FieldMask,
    context: AccessContext,
    core: VaultCore
  ) {
    self.inner = inner
    self.scope = scope
    self.query = query
    self.mask = mask
    self.context = context
    self.core = core
  }

  func next() async throws(PrivataError) -> RowBatch? {
    do {
      if let session = context.details?.session { try session.touch() }
      guard let batch = try await inner.next() else { return nil }
      try record(mask.noted(scope.result(batch, query, mask.separation, core)))
      return mask.shown(batch, query)
    } catch {
      try? record(AuditResult(error))
      throw error
    }
  }

  func close() async { await inner.close() }

  private func record(_ result: AuditResult) throws(PrivataError) {
    try core.recorder.record(
      context, scope: scope.encoded, result: result, isPersonal: mask.separation.isPersonal)
  }
}
