public import PrivataCompliance
internal import PrivataCore

extension MongoModel {
  /// The rights of the people that the model's documents are about.
  ///
  /// ```swift
  /// let proof = try await User.gdpr.rightToErasure(
  ///   id, .init(requestedBy: id, reason: "asked by letter", legalBasis: .article17))
  /// ```
  ///
  /// - Throws: `vaultRequired` on a plain connection.
  public var gdpr: GDPR {
    get throws(PrivataError) { try GDPR(lowered, on: connection.store) }
  }

  /// What HIPAA gives and asks for the people that the model's documents are about.
  ///
  /// ```swift
  /// let copy = try await User.hipaa.rightOfAccess(id)
  /// ```
  ///
  /// - Throws: `vaultRequired` on a plain connection.
  public var hipaa: HIPAA {
    get throws(PrivataError) { try HIPAA(lowered, on: connection.store) }
  }
}
