public import PrivataCompliance
public import PrivataCore

extension PrismaClient {
  /// A client over a vault: the same calls, with personal data separated and every access audited.
  ///
  /// ```swift
  /// let vault = try await Vault(identity: .sqlite("identity.db"), clinical: .sqlite("clinical.db"))
  /// let db = try await PrismaClient.connect(vault, schema)
  /// ```
  ///
  /// - Privacy: raw SQL and raw commands are refused here, since they would go past the vault.
  public static func connect(
    _ vault: Vault, _ schema: PrismaSchema
  ) async throws(PrivataError) -> PrismaClient {
    vault.register(schema.tables)
    try await vault.store.prepare(schema.tables)
    return PrismaClient(store: vault.store, schema)
  }
}

extension ModelClient {
  /// The rights of the people that the model's records are about.
  ///
  /// ```swift
  /// let report = try await db["User"].gdpr.rightToAccess("u1")
  /// ```
  ///
  /// - Throws: `vaultRequired` on a plain client.
  public var gdpr: GDPR {
    get throws(PrivataError) {
      try GDPR(try client.schema.model(name).schema, on: client.store)
    }
  }

  /// What HIPAA gives and asks for the people that the model's records are about.
  ///
  /// - Throws: `vaultRequired` on a plain client.
  public var hipaa: HIPAA {
    get throws(PrivataError) {
      try HIPAA(try client.schema.model(name).schema, on: client.store)
    }
  }
}

extension TypedClient {
  /// The rights of the people that the model's records are about.
  ///
  /// - Throws: `vaultRequired` on a plain client.
  public var gdpr: GDPR {
    get throws(PrivataError) { try GDPR(M.schema, on: store) }
  }

  /// What HIPAA gives and asks for the people that the model's records are about.
  ///
  /// - Throws: `vaultRequired` on a plain client.
  public var hipaa: HIPAA {
    get throws(PrivataError) { try HIPAA(M.schema, on: store) }
  }
}
