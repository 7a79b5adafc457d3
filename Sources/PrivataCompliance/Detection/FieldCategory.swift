/// On which way a verdict was found.
enum FieldRoute: String, CaseIterable {
  case context, whole, wrapping, role, phrase, stem, nothing

  /// The share of labelled names that verdicts on this way got right, rounded down.
  var confidence: Double {
    switch self {
    case .whole: 0.98
    case .context, .wrapping, .role: 0.95
    case .phrase: 0.8
    case .stem: 0.3
    case .nothing: 0.85
    }
  }
}

/// The kind of data that a field's words name.
enum FieldCategory {
  static func name(_ verdict: FieldVerdict, _ words: [String]) -> String {
    let parts = runs(of: words)
    switch verdict {
    case .pii: return first(parts) ?? "name"
    case .phi: return health(words.joined(separator: " ")) ?? "diagnosis"
    case .review: return review(words, parts)
    case .none: return "operational"
    }
  }

  /// The runs of words, the longest first.
  private static func runs(of words: [String]) -> [String] {
    words.indices.flatMap { start in
      (start..<words.count).map { words[start...$0].joined() }
    }.sorted { $0.count > $1.count }
  }

  private static func first(_ parts: [String]) -> String? {
    for part in parts {
      if let kind = persons.first(where: { $0.words.contains(part) }) { return kind.name }
    }
    return nil
  }

  private static let persons: [(name: String, words: Set<String>)] = [
    ("email", PersonWords.contacts.filter(isEmail)),
    ("phone", PersonWords.contacts.filter { !isEmail($0) }), ("address", PersonWords.places),
    ("dob", PersonWords.births), ("gov-id", PersonWords.official),
    ("financial", PersonWords.accounts), ("credential", PersonWords.secrets),
    ("online-id", PersonWords.online), ("demographic", PersonWords.body),
    ("name", PersonWords.names),
  ]

  private static func isEmail(_ word: String) -> Bool {
    ["mail", "post", "courriel", "correo"].contains { word.contains($0) }
  }

  private static func review(_ words: [String], _ parts: [String]) -> String {
    if let last = words.last, ["id", "ids", "key", "uuid"].contains(last) { return "link-key" }
    if parts.contains(where: PlainWords.actors.contains) { return "link-key" }
    if parts.contains(where: PlainWords.freeText.contains) { return "free-text" }
    return "ambiguous"
  }

  private static func health(_ text: String) -> String? {
    kinds.first { kind in kind.stems.contains { text.contains($0) } }?.name
  }

  private static let kinds: [(name: String, stems: [String])] = [
    ("allergy", ["allerg", "intoleran", "anaphyla"]), ("genetics", ["genom", "genet"]),
    ("immunization", ["immuni", "vaccin", "impf"]),
    ("medication", ["medic", "drug", "dose", "dosage", "prescri", "pharma"]),
    ("blood", ["blood", "blut", "sangu"]),
    ("lab", ["lab ", "test result", "hba", "glucose", "cholest", "biops", "hiv"]),
    ("vital", ["bmi", "weight", "pulse", "systolic", "diastolic", "vital", "heart"]),
    ("imaging", ["xray", "mri", "imaging", "radiolog"]),
    ("mental", ["mental", "psych", "depress", "anxiety", "suicid"]),
    ("reproductive", ["pregn", "gravid", "menstr", "fertil"]),
    ("procedure", ["procedure", "surg", "operation", "therap", "treat", "implant"]),
    ("symptom", ["symptom", "complaint", "pain"]), ("history", ["history", "anamnes"]),
    ("disability", ["disab", "handicap", "impair"]), ("death", ["death", "deceas", "autops"]),
    ("claim", ["claim"]), ("encounter", ["admission", "discharge", "visit", "encounter"]),
    ("clinical-note", ["note", "report"]),
  ]
}
