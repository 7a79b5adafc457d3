public import PrivataCore

extension FieldAnalyzer {
  /// What was found out about the fields of a model.
  public func analysis(of model: ModelSchema) -> FieldAnalysis {
    var fields: [String: String?] = [:]
    for field in model.fields { fields.updateValue(field.type.analyzed, forKey: field.name) }
    return analysis(of: model.name, fields: fields)
  }

  /// The fields of a model that are named like personal or health data and are not marked so; those
  /// that need a look are among them where `review` is true.
  ///
  /// ```swift
  /// for finding in FieldAnalyzer().unmarked(in: userSchema) { print(finding.field, finding.verdict) }
  /// ```
  public func unmarked(in model: ModelSchema, review: Bool = false) -> [FieldFinding] {
    let open = Set(model.fields.filter { $0.privacy == .open }.map(\.name))
    return analysis(of: model).findings.filter { finding in
      guard open.contains(finding.field), finding.field != model.key.name else { return false }
      switch finding.verdict {
      case .pii, .phi: return true
      case .review: return review
      case .none: return false
      }
    }
  }
}

extension FieldType {
  /// The type by the name that the analyzer knows.
  fileprivate var analyzed: String? {
    switch self {
    case .bool: "Bool"
    case .int32, .int64: "Int"
    case .date: "Date"
    case .string, .varchar: "String"
    default: nil
    }
  }
}
