public import PrivataCore

/// By which method records are de-identified.
public enum DeidentificationMethod: Sendable {
  /// Without the 18 kinds of identifiers.
  case safeHarbor(SafeHarbor)
  /// As an expert determined; the method says which fields are direct identifiers.
  case expert(ExpertDetermination, SafeHarbor)
}

/// Records that are no protected health information any more.
public struct DeidentifiedSet: Sendable {
  /// The number of the set in the documentation.
  public let id: String
  /// The records, each with a code of its own where codes were asked for.
  public let records: [Document]
  /// How many values were removed or made coarser, by kind.
  public let removed: [IdentifierKind: Int]
  /// How many records were left out because too few are like them.
  public let suppressed: Int
  /// The figures of what is left, of an expert's determination.
  public let figures: AnonymityFigures?
  /// True where a scrubber went over free text, which somebody has to look at.
  public let needsReview: Bool

  /// The field that holds a record's code.
  public static let code = "reidentificationCode"
}

/// Who may use limited data sets, for what, until when.
///
/// Source: 45 CFR 164.514(e)(4).
public struct DataUseAgreement: Sendable, Hashable {
  /// Who uses the data, for which purposes, and until when.
  public var recipient: String
  public var purposes: Set<Purpose>
  public var until: DateTime?

  /// The purposes that a limited data set may serve.
  public enum Purpose: String, Sendable, Hashable, CaseIterable {
    case research, publicHealth, operations
  }

  /// An agreement.
  public init(recipient: String, purposes: Set<Purpose>, until: DateTime? = nil) {
    self.recipient = recipient
    self.purposes = purposes
    self.until = until
  }
}
