internal import CPostgres

extension PostgresConnection {
  /// The keywords and values of a URL as libpq reads them, `nil` where it cannot.
  static func keywords(of url: String) -> [(name: String, value: String)]? {
    var message: UnsafeMutablePointer<CChar>?
    // libpq's message quotes the URL, and so perhaps a password.
    defer { PQfreemem(message) }
    guard let options = PQconninfoParse(url, &message) else { return nil }
    defer { PQconninfoFree(options) }
    var keywords: [(name: String, value: String)] = []
    var option = options
    while let name = option.pointee.keyword {
      if let value = option.pointee.val {
        keywords.append((String(cString: name), String(cString: value)))
      }
      option += 1
    }
    return keywords
  }
}
