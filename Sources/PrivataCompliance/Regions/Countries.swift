internal import PrivataCore

/// Which region a country belongs to, by its ISO 3166-1 code or its calling code.
enum Countries {
  /// Member states of the European Economic Area.
  ///
  /// Source: GDPR Article 3; Decision of the EEA Joint Committee No 154/2018 (Iceland, Liechtenstein,
  /// Norway).
  private static let eea: Set<String> = [
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
    "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE", "IS", "LI", "NO",
  ]

  /// The United States with its territories.
  private static let us: Set<String> = ["US", "PR", "GU", "VI", "AS", "MP"]

  /// The same states as they are written in forms.
  private static let names: [String: String] = [
    "USA": "US", "UNITED STATES": "US", "UNITED STATES OF AMERICA": "US", "UNITED KINGDOM": "GB",
    "UK": "GB", "GREAT BRITAIN": "GB", "GERMANY": "DE", "DEUTSCHLAND": "DE", "FRANCE": "FR",
    "SPAIN": "ES", "ESPAÑA": "ES", "ITALY": "IT", "ITALIA": "IT", "AUSTRIA": "AT",
    "ÖSTERREICH": "AT", "NETHERLANDS": "NL", "BELGIUM": "BE", "IRELAND": "IE", "PORTUGAL": "PT",
    "POLAND": "PL", "SWEDEN": "SE", "DENMARK": "DK", "FINLAND": "FI", "NORWAY": "NO",
    "GREECE": "GR", "EL": "GR",
  ]

  /// Calling codes that one region has to itself; `+1` is shared by many states.
  ///
  /// Source: ITU-T E.164 list of assigned country codes.
  private static let callingCodes: [String: String] = [
    "43": "AT", "32": "BE", "359": "BG", "385": "HR", "357": "CY", "420": "CZ", "45": "DK",
    "372": "EE", "358": "FI", "33": "FR", "49": "DE", "30": "GR", "36": "HU", "353": "IE",
    "39": "IT", "371": "LV", "370": "LT", "352": "LU", "356": "MT", "31": "NL", "48": "PL",
    "351": "PT", "40": "RO", "421": "SK", "386": "SI", "34": "ES", "46": "SE", "354": "IS",
    "423": "LI", "47": "NO", "44": "GB",
  ]

  /// The region of a country, `nil` for one that none of the known regions has.
  static func region(ofCountry text: String) -> Region? {
    let name = text.uppercased()
    let code = names[name] ?? name
    if eea.contains(code) { return .eu }
    if us.contains(code) { return .us }
    return code == "GB" ? .uk : nil
  }

  /// What a telephone number in international form says.
  static func signal(ofPhone text: String) -> RegionSignal? {
    let digits = text.filter { $0.isASCII && $0.isNumber }
    guard text.hasPrefix("+") || text.hasPrefix("00") else { return nil }
    let number = text.hasPrefix("+") ? digits[...] : digits.dropFirst(2)
    if number.hasPrefix("1") { return RegionSignal(.us, isStrong: false) }
    for length in [3, 2] {
      if let country = callingCodes[String(number.prefix(length))] {
        return region(ofCountry: country).map { RegionSignal($0) }
      }
    }
    return nil
  }
}
