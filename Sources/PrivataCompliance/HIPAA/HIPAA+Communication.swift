public import PrivataCore

/// Where and how a person wants to be reached.
///
/// Source: 45 CFR 164.522(b).
public struct ConfidentialCommunication: Sendable, Hashable {
  /// By which means.
  public enum Channel: String, Sendable, Hashable, CaseIterable {
    case letter, phone, email, portal
  }

  /// Where to, and by which means.
  public let address: String
  public let channel: Channel

  /// An alternative address or means.
  public static func alternative(
    address: String, channel: Channel
  ) -> ConfidentialCommunication {
    ConfidentialCommunication(address: address, channel: channel)
  }
}

extension ConfidentialCommunication {
  /// What an entry holds; `nil` where the person was erased.
  init?(_ entry: DocumentationEntry) {
    guard let address = entry.body["address"]?.asString,
      let channel = entry.body["channel"]?.asString.flatMap(Channel.init)
    else { return nil }
    self = .alternative(address: address, channel: channel)
  }
}

extension HIPAA {
  /// Keeps where a person wants to be reached instead; nobody has to say why.
  ///
  /// - Throws: `notFound`; `badArgument` without an address.
  /// - Privacy: the address is sealed.
  public func setCommunication(
    _ id: some FieldValue, _ communication: ConfidentialCommunication
  ) async throws(PrivataError) {
    let key = id.value
    try await audited("hipaa.communication", key) { () async throws(PrivataError) in
      guard !communication.address.isEmpty else {
        throw PrivataError(.badArgument, "an alternative has an address", fields: ["address"])
      }
      try await checkExists(key)
      try await endCommunications(key)
      let entry = entry(
        .communication, about: key,
        [
          "address": .string(communication.address),
          "channel": .string(communication.channel.rawValue),
        ])
      try await documentation.add(entry)
      return ((), entry)
    }
  }

  /// Takes a person's alternative back.
  public func clearCommunication(_ id: some FieldValue) async throws(PrivataError) {
    let key = id.value
    try await audited("hipaa.communication", key) { () async throws(PrivataError) in
      try await endCommunications(key)
      return ((), nil)
    }
  }

  /// Where a person wants to be reached; `nil` for where everybody is. What writes to persons asks
  /// here first, and uses nothing else where there is an answer.
  public func communication(
    _ id: some FieldValue
  ) async throws(PrivataError) -> ConfidentialCommunication? {
    let live = try await documentation.entries(
      .communication, subject: mark(id.value), state: "open")
    return live.last.flatMap(ConfidentialCommunication.init)
  }

  private func endCommunications(_ key: Value) async throws(PrivataError) {
    let live = try await documentation.entries(.communication, subject: mark(key), state: "open")
    for entry in live {
      _ = try await documentation.change(entry) { [now] entry in
        entry.state = "ended"
        entry.effectiveUntil = now
      }
    }
  }
}
