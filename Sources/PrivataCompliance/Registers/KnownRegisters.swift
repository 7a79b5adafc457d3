internal import PrivataCore

/// What a process has in memory of the registers, in the form in which it is asked.
struct KnownRegisters: Sendable {
  private(set) var count = 0
  /// Every version of each purpose, the first in front.
  private(set) var purposes: [String: [PurposeVersion]] = [:]
  private(set) var assessments: [CompatibilityAssessment] = []
  private(set) var recipients: [String: Recipient] = [:]
  private(set) var processors: [String: Processor] = [:]
  /// Every version of each notice, the first in front.
  private(set) var notices: [String: [Notice]] = [:]
  /// Approved impact assessments by model.
  private(set) var approved: [String: ImpactApproval] = [:]
  /// Marks of contact values whose owners are not to be contacted, by model.
  private(set) var suppressions: [String: [String: Set<String>]] = [:]

  init() {}

  init(_ entries: [RegisterEntry]) {
    for entry in entries { add(entry) }
  }

  mutating func add(_ entry: RegisterEntry) {
    count += 1
    switch entry.register {
    case .purpose:
      guard let purpose = Purpose(entry) else { return }
      var versions = purposes[entry.name] ?? []
      versions.append(.init(number: entry.version, purpose: purpose, since: entry.at))
      purposes[entry.name] = versions.sorted { $0.number < $1.number }
    case .compatibility:
      if let assessment = CompatibilityAssessment(entry) { assessments.append(assessment) }
    case .recipient: recipients[entry.name] = Recipient(entry)
    case .processor: processors[entry.name] = Processor(entry)
    case .notice:
      guard let notice = Notice(entry) else { return }
      notices[notice.name] = ((notices[notice.name] ?? []) + [notice])
        .sorted { $0.version < $1.version }
    case .assessment: approved[entry.name] = ImpactApproval(entry)
    case .suppression: suppress(entry)
    default: break
    }
  }

  private mutating func suppress(_ entry: RegisterEntry) {
    guard let model = entry.facts["model"]?.asString, let field = entry.facts["field"]?.asString
    else { return }
    suppressions[model, default: [:]][field, default: []].insert(entry.name)
  }

  /// The purpose of a name as it is now.
  func purpose(_ name: String?) -> Purpose? { name.flatMap { purposes[$0]?.last?.purpose } }

  /// True for data collected for one of these purposes that may be used for this one.
  func allows(_ purpose: String, among declared: Set<String>) -> Bool {
    declared.contains(purpose)
      || assessments.contains { $0.to == purpose && $0.isInForce && declared.contains($0.from) }
  }
}
