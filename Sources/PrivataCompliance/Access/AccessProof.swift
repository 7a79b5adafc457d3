internal import Crypto
public import PrivataCore

/// How and when the identity of an actor was proven, by whoever logs people in.
///
/// ```swift
/// let proof = AccessProof(actor: .user("dr-7"), method: .multiFactor, at: .now, signedWith: secret)
/// ```
///
/// The vault logs nobody in. It asks for a proof before what is dangerous, checks that it is recent
/// and of the right kind, and that it was made by the program that logs in.
///
/// Source: 45 CFR 164.312(d).
public struct AccessProof: Sendable, Hashable {
  /// How somebody proved who they are, the weakest first.
  public enum Method: String, Sendable, Hashable, CaseIterable, Comparable {
    case password, certificate, multiFactor

    public static func < (a: Method, b: Method) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// Whose identity was proven, how, when, and what shows it.
  public let actor: AccessContext.Actor
  public let method: Method
  public let at: DateTime
  public let signature: [UInt8]

  /// A proof with the signature of another program.
  public init(
    actor: AccessContext.Actor, method: Method, at: DateTime, signature: [UInt8]
  ) {
    self.actor = actor
    self.method = method
    self.at = at
    self.signature = signature
  }

  /// A proof, signed with a secret that only the program that logs in and the vault have.
  public init(
    actor: AccessContext.Actor, method: Method, at: DateTime = .now, signedWith secret: [UInt8]
  ) {
    let code = HMAC<SHA256>.authenticationCode(
      for: Self.statement(actor, method, at), using: SymmetricKey(data: secret))
    self.init(actor: actor, method: method, at: at, signature: Array(code))
  }

  /// What is signed.
  public var statement: [UInt8] { Self.statement(actor, method, at) }

  private static func statement(
    _ actor: AccessContext.Actor, _ method: Method, _ at: DateTime
  ) -> [UInt8] {
    var writer = ByteWriter()
    for text in ["privata/proof/1", actor.kind, actor.id, method.rawValue] {
      writer.append(text: text)
    }
    writer.append(fixed: at.milliseconds)
    return writer.bytes
  }
}

/// Checks that proofs of identity were made by who may make them.
public protocol ProofVerifier: Sendable {
  /// True for a proof whose signature is right.
  func verifies(_ proof: AccessProof) -> Bool
}

/// Checks proofs that were signed with a shared secret.
public struct SharedSecretVerifier: ProofVerifier {
  private let secret: [UInt8]

  /// A verifier of proofs made with the secret.
  public init(secret: [UInt8]) { self.secret = secret }

  public func verifies(_ proof: AccessProof) -> Bool {
    HMAC<SHA256>.isValidAuthenticationCode(
      proof.signature, authenticating: proof.statement, using: SymmetricKey(data: secret))
  }
}

/// Which proof an action asks for.
public struct ProofRule: Sendable, Hashable {
  /// What is held to it.
  public enum Action: String, Sendable, Hashable, CaseIterable {
    case export, erasure, emergencyAccess, approval
  }

  /// The weakest method that is enough, and how old the proof may be.
  public var method: AccessProof.Method
  public var seconds: Int

  /// A rule.
  public init(_ method: AccessProof.Method, seconds: Int) {
    self.method = method
    self.seconds = seconds
  }

  /// Several factors within the last 15 minutes.
  public static let strict = ProofRule(.multiFactor, seconds: 15 * 60)
}
