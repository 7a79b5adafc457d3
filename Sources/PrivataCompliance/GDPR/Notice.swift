internal import Crypto
public import PrivataCore

/// A text by which people are told what is done with their data, as it was published. It never
/// changes: another text is another version.
///
/// Source: GDPR Articles 13 and 14.
public struct Notice: Sendable, Hashable {
  /// The notice, its version and its language.
  public let name: String
  public let version: Int
  public let locale: String
  /// The SHA-256 of the text.
  public let hash: [UInt8]
  /// True where it says something new, so that consents to earlier versions count no more.
  public let isMaterial: Bool
  public let publishedAt: DateTime
  /// What the registers said when it was published.
  let fingerprint: String
  /// What the rules of retention said when it was published.
  let retention: String

  /// The notice that people see while they give data, for writes of the current task.
  ///
  /// ```swift
  /// try await Notice.$shown.withValue(notice) { try await User.create(data) }
  /// ```
  @TaskLocal public static var shown: Notice?

  init?(_ entry: RegisterEntry) {
    let facts = entry.facts
    guard let name = facts["name"]?.asString, let version = facts["version"]?.asInt,
      case .binary(let hash)? = facts["hash"]
    else { return nil }
    self.name = name
    self.version = version
    locale = facts["locale"]?.asString ?? ""
    self.hash = hash.bytes
    isMaterial = facts["isMaterial"]?.asBool ?? false
    publishedAt = entry.at
    fingerprint = facts["fingerprint"]?.asString ?? ""
    retention = facts["retention"]?.asString ?? ""
  }

  static func hash(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
}

/// The contents of a notice: what the law says that people are told.
public struct NoticeText: Sendable, Hashable {
  /// The parts that a notice must have.
  ///
  /// Source: GDPR Article 13(1) and (2).
  public enum Part: String, Sendable, Hashable, CaseIterable {
    case controller, dataProtectionOfficer, purposes, legalBasis, recipients, transfers, retention
    case rights
  }

  /// The text of each part.
  public var parts: [Part: String]

  /// A text of these parts.
  public init(_ parts: [Part: String]) { self.parts = parts }

  /// The whole text, in the order of the law.
  public var text: String {
    Part.allCases.compactMap { part in parts[part].map { "\(part.rawValue)\n\($0)\n" } }
      .joined(separator: "\n")
  }
}

/// The notices that were published, and who has to be told what.
///
/// ```swift
/// let notice = try await vault.notices.publish("privacy", version: 4, locale: "fr", text)
/// vault.notices.outdated   // names of notices that the registers have overtaken
/// ```
public struct NoticeRegister: Sendable {
  let core: VaultCore
  let context: AccessContext?

  private var actor: AccessContext { context ?? AccessContext.current ?? .service }

  /// Publishes a version of a notice.
  ///
  /// - Throws: `badArgument` where a part is missing or the version was published with another text.
  /// - Privacy: a text of the controller; its hash is kept, and audited.
  @discardableResult
  public func publish(
    _ name: String, version: Int, locale: String = "en", _ text: NoticeText,
    isMaterial: Bool = false
  ) async throws(PrivataError) -> Notice {
    let missing = NoticeText.Part.allCases.filter { text.parts[$0]?.isEmpty != false }
    guard missing.isEmpty else {
      throw PrivataError(
        .badArgument,
        "a notice says all that the law asks; missing: "
          + missing.map(\.rawValue).joined(separator: ", "), fields: missing.map(\.rawValue))
    }
    let hash = Notice.hash(text.text)
    if let known = notice(name, version: version, locale: locale) {
      guard known.hash == hash else {
        throw PrivataError(
          .badArgument, "version \(version) of \(name) was published with another text",
          fields: ["version"])
      }
      return known
    }
    let facts: Document = [
      "name": .string(name), "version": .int(version), "locale": .string(locale),
      "hash": .binary(Binary(hash)), "isMaterial": .bool(isMaterial),
      "fingerprint": .string(core.registers.known.fingerprint),
      "retention": .string(core.options.retention.fingerprint),
    ]
    let entry = try await core.registers.append(
      .notice, "\(name) \(version) \(locale)", facts, actor: actor.actor.id, after: 0)
    try core.record("notice.publish", actor, subjectOf: entry.id)
    guard let notice = Notice(entry) else {
      throw PrivataError(.corrupt, "the notice \(name) cannot be read again")
    }
    return notice
  }

  /// A published notice; `nil` for one that was never published.
  public func notice(_ name: String, version: Int, locale: String? = nil) -> Notice? {
    core.registers.known.notices[name]?
      .first { $0.version == version && (locale == nil || $0.locale == locale) }
  }

  /// The last version of each notice, by name.
  public var current: [Notice] {
    core.registers.known.notices.values.compactMap(\.last).sorted { $0.name < $1.name }
  }

  /// The notices since whose last version a purpose, a recipient or a rule of retention changed.
  public var outdated: [String] { outdated(comparingRetention: true) }

  /// The notices that are overtaken.
  ///
  /// - Parameter comparingRetention: false where the vault was opened without the application's
  ///   options, as by a tool: its rules of retention say nothing then.
  public func outdated(comparingRetention: Bool) -> [String] {
    let now = core.registers.known.fingerprint
    let retention = core.options.retention.fingerprint
    return current.filter {
      $0.fingerprint != now || comparingRetention && $0.retention != retention
    }.map(\.name)
  }
}

extension Vault {
  /// The notices by which people are told what is done with their data.
  public var notices: NoticeRegister { NoticeRegister(core: core, context: context) }
}

extension RetentionPolicy {
  /// What notices tell of retention, as a hash.
  var fingerprint: String {
    let models = Set(rules.map(\.scope.model)).sorted()
    return Hexadecimal.text(
      Notice.hash(models.flatMap(texts(of:)).joined(separator: "\n")).prefix(16))
  }
}

extension KnownRegisters {
  /// What notices tell, as a hash: purposes with their bases, recipients, processors.
  var fingerprint: String {
    var parts: [String] = []
    for (name, versions) in purposes.sorted(by: { $0.key < $1.key }) {
      parts.append("purpose \(name) \(versions.last?.purpose.facts.extendedJSON(.relaxed) ?? "")")
    }
    for (name, recipient) in recipients.sorted(by: { $0.key < $1.key }) {
      parts.append("recipient \(name) \(recipient.facts.extendedJSON(.relaxed))")
    }
    for (name, processor) in processors.sorted(by: { $0.key < $1.key }) {
      parts.append("processor \(name) \(processor.facts.extendedJSON(.relaxed))")
    }
    return Hexadecimal.text(Notice.hash(parts.joined(separator: "\n")).prefix(16))
  }

  /// The version of a notice that consents must have seen at least.
  func neededVersion(of notice: String) -> Int {
    notices[notice]?.last { $0.isMaterial }?.version ?? 0
  }

  /// True for a consent to a text that says less than the one that counts now.
  func isOutdated(_ act: RightsAct) -> Bool {
    guard !notices.isEmpty, let notice = act.evidence["notice"]?.asString,
      let version = act.evidence["version"]?.asInt
    else { return false }
    return version < neededVersion(of: notice)
  }
}
