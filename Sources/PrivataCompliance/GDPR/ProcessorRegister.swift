public import PrivataCore

/// The processors with their contracts. Nothing is disclosed to one whose contract is over.
///
/// ```swift
/// try await vault.processors.register(Processor("print-shop", contract: "C-17", endsAt: end))
/// ```
///
/// Source: GDPR Article 28(3).
public struct ProcessorRegister: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }

  /// The processors as they are now.
  public var all: [Processor] {
    core.registers.known.processors.values.sorted { $0.id < $1.id }
  }

  /// Registers a processor, or changes what is known of it.
  ///
  /// - Throws: `badArgument` without an id or a contract.
  public func register(_ processor: Processor) async throws(PrivataError) {
    guard !processor.id.isEmpty, !processor.contract.isEmpty else {
      throw PrivataError(
        .badArgument, "a processor has an id and a contract", fields: ["contract"])
    }
    try await put(processor, "processor.register")
  }

  /// The processors whose contract is over and who did not confirm that they returned or deleted
  /// what they had.
  public func returnsDue(at moment: DateTime = .now) -> [Processor] {
    all.filter { !$0.isUnderContract(at: moment) && $0.returnedAt == nil }
  }

  /// Notes that a processor returned or deleted what it had.
  ///
  /// - Throws: `notFound`.
  ///
  /// Source: GDPR Article 28(3)(g).
  public func confirmReturn(_ id: String, at moment: DateTime = .now) async throws(PrivataError) {
    guard var processor = core.registers.known.processors[id] else {
      throw PrivataError(.notFound, "there is no processor \(id)")
    }
    processor.returnedAt = moment
    try await put(processor, "processor.returned")
  }

  private func put(_ processor: Processor, _ action: String) async throws(PrivataError) {
    let entry = try await core.registers.append(
      .processor, processor.id, processor.facts, actor: actor.actor.id)
    try core.record(action, actor, subjectOf: entry.id)
  }
}

extension Vault {
  /// The processors with their contracts.
  public var processors: ProcessorRegister { ProcessorRegister(core: core, context: context) }
}
