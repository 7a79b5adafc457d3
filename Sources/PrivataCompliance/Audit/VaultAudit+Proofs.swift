public import PrivataCore

extension VaultAudit {
  /// The signed heads, of each writer the oldest first.
  ///
  /// Signs what waits in this process's journal first.
  public func checkpoints() async throws(PrivataError) -> [AuditCheckpoint] {
    try await core.drain()
    let query = Query(
      AuditModels.checkpoints, sort: [SortKey("writer"), SortKey("size")], layout: .cells)
    let rows = try await core.auditStore.rows(for: query)
    return (0..<rows.count).compactMap { AuditCheckpoint(rows, row: $0) }
  }

  /// Proves that an event is in the log, up to the newest head of its writer.
  ///
  /// ```swift
  /// let proof = try await vault.audit.proof(of: event.id)
  /// ```
  ///
  /// - Throws: `notFound` for an event that is not there; `tampered` where events are missing.
  /// - Privacy: the reading is audited.
  public func proof(of id: AuditEventID) async throws(PrivataError) -> AuditProof {
    try await audited(.auditProof) { () async throws(PrivataError) in
      let query = Query(
        AuditModels.events,
        where: .compare("_id", .equal, .binary(Binary(id.bytes, subtype: 4))),
        projection: .fields(["writer", "sequence", "raw"]), layout: .cells)
      try await core.drain()
      let rows = try await core.auditStore.rows(for: query)
      guard !rows.isEmpty, case .int64(let number)? = rows.value(row: 0, column: 0),
        let place = rows.value(row: 0, column: 1)?.asInt,
        let raw = rows.value(row: 0, column: 2)?.asBytes
      else { throw PrivataError(.notFound, "the log has no event of this id") }
      let (writer, sequence) = (UInt64(bitPattern: number), UInt64(place))
      let heads = try await checkpoints().filter { $0.writer == writer && $0.size > sequence }
      guard let head = heads.last else {
        throw PrivataError(.tampered, "no signed head covers the event: heads were removed")
      }
      let path = try await AuditLeaves(core).roots(
        writer, MerkleProof.inclusion(of: sequence, in: head.size))
      let proof = AuditProof(
        writer: writer, sequence: sequence, event: raw, path: path, checkpoint: head.note)
      // Also a log that was changed yields a path; it just leads nowhere.
      _ = try proof.verified(by: publicKey)
      return proof
    }
  }

  /// Proves that between two heads of a writer nothing but appending happened.
  ///
  /// - Throws: `badArgument` for heads of different writers or in the wrong order; `tampered` where
  ///   the log is not the one that was signed.
  public func consistencyProof(
    from older: AuditCheckpoint, to newer: AuditCheckpoint
  ) async throws(PrivataError) -> AuditConsistencyProof {
    guard older.writer == newer.writer, older.size <= newer.size else {
      throw PrivataError(
        .badArgument, "the heads are of one writer, the older one first", fields: ["from", "to"])
    }
    return try await audited(.auditProof) { () async throws(PrivataError) in
      let path = try await AuditLeaves(core).roots(
        older.writer, MerkleProof.consistency(from: older.size, to: newer.size))
      let proof = AuditConsistencyProof(older: older.note, newer: newer.note, path: path)
      try proof.verify(by: publicKey)
      return proof
    }
  }
}
