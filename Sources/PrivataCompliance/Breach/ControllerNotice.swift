public import PrivataCore

/// What a processor tells its controller of a breach, without undue delay: all that the controller
/// needs to tell the authority.
///
/// Source: GDPR Article 33(2); EDPB Guidelines 9/2022.
public struct ControllerNotice: Sendable, Hashable {
  /// Who is told: the controller as the contract names it.
  public var controller: String
  /// What happened, which persons and records it concerns, and what is done about it.
  public var nature: String
  public var categories: String
  public var measures: String
  /// Whom the controller can ask.
  public var contact: String
  /// Why it comes later than the contract's hours.
  public var lateReasons: String?
  /// When it was sent.
  public internal(set) var sentAt = DateTime(milliseconds: 0)

  /// A notice to a controller.
  public init(
    to controller: String, nature: String, categories: String = "", measures: String = "",
    contact: String, lateReasons: String? = nil
  ) {
    self.controller = controller
    self.nature = nature
    self.categories = categories
    self.measures = measures
    self.contact = contact
    self.lateReasons = lateReasons
  }

  var document: Document {
    var document: Document = [
      "controller": .string(controller), "nature": .string(nature),
      "categories": .string(categories), "measures": .string(measures),
      "contact": .string(contact), "sentAt": .date(sentAt),
    ]
    document["lateReasons"] = lateReasons.map { .string($0) }
    return document
  }

  init?(_ document: Document) {
    let text = { (key: String) in document[key]?.asString ?? "" }
    guard let controller = document["controller"]?.asString else { return nil }
    self.init(
      to: controller, nature: text("nature"), categories: text("categories"),
      measures: text("measures"), contact: text("contact"),
      lateReasons: document["lateReasons"]?.asString)
    if case .date(let date)? = document["sentAt"] { sentAt = date }
  }
}

extension BreachRegister {
  /// Writes down what a controller was told by its processor, the vault's owner. The controller's 72
  /// hours begin with it.
  ///
  /// ```swift
  /// try await vault.breaches.informController(
  ///   breach.id, .init(to: "North Clinic", nature: "stolen laptop", contact: "dpo@example.org"))
  /// ```
  ///
  /// - Parameter hours: what the contract calls without undue delay.
  /// - Throws: `badArgument` without controller, nature or contact, and later than the contract's
  ///   hours without reasons; `notFound`.
  ///
  /// Source: GDPR Article 33(2).
  @discardableResult
  public func informController(
    _ id: String, _ notice: ControllerNotice, withinHours hours: Int = 24,
    at moment: DateTime = .now
  ) async throws(PrivataError) -> Breach {
    let missing = [
      ("controller", notice.controller), ("nature", notice.nature), ("contact", notice.contact),
    ].filter(\.1.isEmpty).map(\.0)
    guard missing.isEmpty else {
      throw PrivataError(
        .badArgument, "the notice lacks \(missing.joined(separator: ", "))", fields: missing)
    }
    var breach = try await breach(id)
    let due = breach.awareAt.milliseconds + Int64(hours) * 3_600_000
    guard moment.milliseconds <= due || notice.lateReasons?.isEmpty == false else {
      throw PrivataError(
        .badArgument, "the contract's \(hours) hours are over: the notice says why it is late",
        fields: ["lateReasons"])
    }
    var notice = notice
    notice.sentAt = moment
    breach.controllerNotices.append(notice)
    return try await keep(breach, "breach.controller")
  }
}
