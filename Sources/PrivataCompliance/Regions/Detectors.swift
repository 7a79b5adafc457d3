public import PrivataCore

/// Reads the region that an id begins with: `eu_8f2c`, `us-17`, `uk:9`.
public struct IDPrefixRegions: RegionDetector {
  private let regions: [String: Region]

  /// A detector of these prefixes, without the sign that ends them.
  public init(_ regions: [String: Region] = ["eu": .eu, "us": .us, "uk": .uk]) {
    self.regions = regions
  }

  /// The region of an id's prefix.
  public func region(of id: String) -> RegionSignal? {
    guard let end = id.firstIndex(where: { "_-:".contains($0) }) else { return nil }
    return regions[id[..<end].lowercased()].map { RegionSignal($0) }
  }
}

/// Reads the country of a record: of its country field, its address, its telephone number.
///
/// ```swift
/// DataRegions().region(of: ["address": ["country": "DE"], "phone": "+49 30 901820"])   // eu, strong
/// ```
public struct DataRegions: RegionDetector {
  private let countryFields: [String]
  private let phoneFields: [String]

  /// A detector of these fields; dots lead into documents.
  public init(
    country: [String] = ["country", "countryCode", "address.country"],
    phone: [String] = ["phone", "telephone", "mobile"]
  ) {
    countryFields = country
    phoneFields = phone
  }

  /// The region that the record's country fields name, else the one of its telephone numbers.
  public func region(of record: Document) -> RegionSignal? {
    for path in countryFields {
      if let country = text(path, in: record), let region = Countries.region(ofCountry: country) {
        return RegionSignal(region)
      }
    }
    for path in phoneFields {
      if let phone = text(path, in: record), let signal = Countries.signal(ofPhone: phone) {
        return signal
      }
    }
    return nil
  }

  private func text(_ path: String, in record: Document) -> String? {
    var value: Value? = .document(record)
    for step in path.split(separator: ".") { value = value?.asDocument?[String(step)] }
    return value?.asString
  }
}

/// Reads where a request comes from: what the caller's client states, else the country of its network.
public struct RequestRegions: RegionDetector {
  /// The evidence of one request.
  public struct Request: Sendable, Hashable {
    /// What the client states, such as a header that the program trusts.
    public var stated: Region?
    /// The country of the network's address, by its ISO 3166-1 code.
    public var networkCountry: String?

    /// The evidence of a request.
    public init(stated: Region? = nil, networkCountry: String? = nil) {
      self.stated = stated
      self.networkCountry = networkCountry
    }
  }

  /// A detector of requests.
  public init() {}

  /// The stated region, strong; the network's, weak: people travel, and use tunnels.
  public func region(of request: Request) -> RegionSignal? {
    if let stated = request.stated { return RegionSignal(stated) }
    return request.networkCountry.flatMap(Countries.region(ofCountry:)).map {
      RegionSignal($0, isStrong: false)
    }
  }
}
