public import PrivataCompliance
public import PrivataCore
internal import PrivataSQL

/// Opens a database over a vault: the same typed queries, with personal data separated and every
/// access audited.
///
/// ```swift
/// let vault = try await Vault(identity: .sqlite("identity.db"), clinical: .sqlite("clinical.db"))
/// let db = DrizzleStyle.connect(vault, User.self, Session.self)
/// let rows = try await db.select().from(User.self).where(\.age >= 18).all()
/// ```
///
/// Selects, inserts, updates and deletes of models work as with a plain connection, joins too. SQL
/// text, common table expressions, set operators and expressions are refused with `unsupported`,
/// since they would go past the policies.
///
/// - Privacy: no query of this database reaches either store but through the vault.
public func connect(_ vault: Vault, _ models: any Model.Type...) -> Database {
  vault.register(models.map { $0.schema })
  return Database(
    session: Session(dialect: .sqlite, executor: nil, store: vault.store, vault: vault))
}

extension Database {
  /// The rights of the people that a model's records are about.
  ///
  /// ```swift
  /// let report = try await db.gdpr(User.self).rightToAccess(user.id)
  /// ```
  ///
  /// - Throws: `vaultRequired` where the database is a plain connection.
  public func gdpr<M: Model>(_ model: M.Type) throws(PrivataError) -> GDPR {
    guard let vault = session.vault else {
      throw PrivataError(
        .vaultRequired, "the rights of persons need a vault: connect(vault, …)",
        model: M.schema.name)
    }
    return vault.gdpr(for: M.schema)
  }

  /// What HIPAA gives and asks for the people that a model's records are about.
  ///
  /// - Throws: `vaultRequired` where the database is a plain connection.
  public func hipaa<M: Model>(_ model: M.Type) throws(PrivataError) -> HIPAA {
    guard let vault = session.vault else {
      throw PrivataError(
        .vaultRequired, "what HIPAA asks needs a vault: connect(vault, …)", model: M.schema.name)
    }
    return vault.hipaa(for: M.schema)
  }

  /// The same database on behalf of somebody: what is done through it is audited as theirs.
  ///
  /// - Throws: `vaultRequired` where the database is a plain connection.
  public func acting(as context: AccessContext) throws(PrivataError) -> Database {
    guard let vault = session.vault?.acting(as: context) else {
      throw PrivataError(.vaultRequired, "a plain connection audits nobody: connect(vault, …)")
    }
    var session = Session(dialect: .sqlite, executor: nil, store: vault.store, vault: vault)
    session.logger = self.session.logger
    return Database(session: session)
  }
}
