/// Finds out under whose law a person falls, from one kind of evidence.
///
/// ```swift
/// let signal = IDPrefixRegions().region(of: "eu_8f2c")   // eu, strong
/// ```
///
/// The id, the data and the request are three kinds of subject, so three detectors; what to make of
/// their answers is a policy's business. A detector does no I/O and answers the same twice.
public protocol RegionDetector<Subject>: Sendable {
  /// What is looked at.
  associatedtype Subject: Sendable

  /// What the subject says, `nil` where it says nothing.
  func region(of subject: Subject) -> RegionSignal?
}

/// What one piece of evidence says about a person's region.
public struct RegionSignal: Sendable, Hashable {
  /// The region it points to.
  public var region: Region
  /// False for what people share or change at will, such as the address of a network.
  public var isStrong: Bool

  /// A signal, strong where nothing else is said.
  public init(_ region: Region, isStrong: Bool = true) {
    self.region = region
    self.isStrong = isStrong
  }
}

/// An area of one data-protection law.
public struct Region: Sendable, Hashable, CustomStringConvertible {
  /// The name, as stores, keys and audit events hold it.
  public let name: String

  /// A region of a name.
  public init(_ name: String) { self.name = name }

  /// The European Economic Area, under the GDPR.
  public static let eu = Region("eu")
  /// The United Kingdom, under the UK GDPR.
  public static let uk = Region("uk")
  /// The United States, under HIPAA for health data.
  public static let us = Region("us")

  public var description: String { name }
}
