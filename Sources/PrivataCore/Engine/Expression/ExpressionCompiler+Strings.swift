extension ExpressionCompiler {
  /// Texts: putting together, taking apart, measuring.
  static let stringOperators: [String: Operator] = [
    "$concat": variadic(0...Int.max) { (operands, _) throws(PrivataError) in
      var text = ""
      for operand in operands {
        guard let operand, !operand.isNull else { return .null }
        guard case .string(let part) = operand else {
          throw .rejected(16702, "$concat only supports strings, not \(operand.typeName)")
        }
        text += part
      }
      return .string(text)
    },
    // MongoDB changes the case of ASCII letters only.
    "$toLower": unary { (value, _) throws(PrivataError) in
      .string(try ascii(coerced(value, "$toLower"), from: 65, by: 32))
    },
    "$toUpper": unary { (value, _) throws(PrivataError) in
      .string(try ascii(coerced(value, "$toUpper"), from: 97, by: -32))
    },
    "$strcasecmp": fixed(2) { (operands, _) throws(PrivataError) in
      let a = ascii(try coerced(operands[0], "$strcasecmp"), from: 97, by: -32)
      let b = ascii(try coerced(operands[1], "$strcasecmp"), from: 97, by: -32)
      return .int32(Int32(Value.order(.string(a), .string(b)).signum()))
    },
    "$strLenBytes": unary { (value, _) throws(PrivataError) in
      guard case .string(let text)? = value else {
        throw .rejected(34473, "$strLenBytes requires a string argument, found: \(typeName(value))")
      }
      return .int(text.utf8.count)
    },
    "$strLenCP": unary { (value, _) throws(PrivataError) in
      guard case .string(let text)? = value else {
        throw .rejected(34471, "$strLenCP requires a string argument, found: \(typeName(value))")
      }
      return .int(text.unicodeScalars.count)
    },
    "$substr": fixed(3, substringBytes), "$substrBytes": fixed(3, substringBytes),
    "$substrCP": fixed(3) { (operands, _) throws(PrivataError) in try substringScalars(operands) },
    "$split": fixed(2) { (operands, _) throws(PrivataError) in
      guard let (text, separator) = pair(operands) else { return .null }
      guard case .string(let input) = text else {
        throw .rejected(
          40085, "$split requires an expression that evaluates to a string as a first argument")
      }
      guard case .string(let mark) = separator else {
        throw .rejected(
          40086, "$split requires an expression that evaluates to a string as a second argument")
      }
      guard !mark.isEmpty else { throw .rejected(40087, "$split requires a non-empty separator") }
      return .array(parts(of: input, by: mark).map { .string($0) })
    },
    "$trim": trim(start: true, end: true), "$ltrim": trim(start: true, end: false),
    "$rtrim": trim(start: false, end: true),
    "$replaceOne": replace(all: false), "$replaceAll": replace(all: true),
  ]

  private static func ascii(_ text: String, from first: UInt8, by step: Int) -> String {
    String(
      decoding: text.utf8.map { byte in
        byte >= first && byte < first + 26 ? UInt8(Int(byte) + step) : byte
      }, as: UTF8.self)
  }

  /// A text, or what MongoDB writes for a number or a date; nothing for null.
  static func coerced(_ value: Value?, _ name: String) throws(PrivataError) -> String {
    switch value {
    case nil, .null?, .undefined?: return ""
    case .string(let text)?, .symbol(let text)?, .code(let text, scope: nil)?: return text
    case .double(let number)? where number.isInfinite: return number < 0 ? "-inf" : "inf"
    case .int32?, .int64?, .double?, .decimal?, .date?:
      return value?.plainText ?? ""
    case .timestamp(let stamp)?: return stampText(stamp)
    case let value?:
      throw .rejected(16007, "can't convert from BSON type \(value.typeName) to String")
    }
  }

  /// `Jan  1 00:00:05:1`.
  private static func stampText(_ stamp: Timestamp) -> String {
    let parts = DateTime(milliseconds: Int64(stamp.seconds) * 1000).parts
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let time = [parts.hour, parts.minute, parts.second].map { DateFormat.padded($0, 2) }
    let day = parts.day < 10 ? " \(parts.day)" : "\(parts.day)"
    return "\(months[parts.month - 1]) \(day) \(time.joined(separator: ":")):\(stamp.increment)"
  }

  @Sendable private static func substringBytes(
    _ operands: [Value?], _ context: ExpressionContext
  ) throws(PrivataError) -> Value {
    let bytes = Array(try coerced(operands[0], "$substrBytes").utf8)
    guard let start = operands[1], start.isNumber else {
      throw .rejected(16034, "$substrBytes:  starting index must be a numeric type")
    }
    guard let length = operands[2], length.isNumber else {
      throw .rejected(16035, "$substrBytes:  length must be a numeric type")
    }
    guard let lower = start.truncated, lower >= 0 else {
      throw .rejected(50752, "$substrBytes:  starting index must be non-negative")
    }
    let count = length.truncated ?? 0
    let from = Int(clamping: lower)
    guard from < bytes.count else { return .string("") }
    let to =
      count < 0 ? bytes.count : min(bytes.count, from + min(Int(clamping: count), bytes.count))
    guard bytes[from] & 0xC0 != 0x80 else {
      throw .rejected(
        28656, "$substrBytes:  Invalid range, starting index is a UTF-8 continuation byte.")
    }
    guard to == bytes.count || bytes[to] & 0xC0 != 0x80 else {
      throw .rejected(
        28657, "$substrBytes:  Invalid range, ending index is in the middle of a UTF-8 character.")
    }
    return .string(String(decoding: bytes[from..<to], as: UTF8.self))
  }

  private static func substringScalars(_ operands: [Value?]) throws(PrivataError) -> Value {
    let text = try coerced(operands[0], "$substrCP")
    guard let start = operands[1], start.isNumber else {
      throw .rejected(34450, "$substrCP: starting index must be a numeric type")
    }
    guard let from = start.exactInteger.flatMap({ Int32(exactly: $0) }) else {
      throw .rejected(
        34451, "$substrCP: starting index cannot be represented as a 32-bit integral value")
    }
    guard let length = operands[2], length.isNumber else {
      throw .rejected(34452, "$substrCP: length must be a numeric type")
    }
    guard let count = length.exactInteger.flatMap({ Int32(exactly: $0) }) else {
      throw .rejected(34453, "$substrCP: length cannot be represented as a 32-bit integral value")
    }
    guard count >= 0 else {
      throw .rejected(34454, "$substrCP: length must be a nonnegative integer.")
    }
    guard from >= 0 else {
      throw .rejected(34455, "$substrCP: the starting index must be nonnegative integer.")
    }
    let scalars = text.unicodeScalars.dropFirst(Int(from)).prefix(Int(count))
    return .string(String(String.UnicodeScalarView(scalars)))
  }

  /// The pieces between the occurrences of a separator, compared by bytes.
  static func parts(of text: String, by separator: String) -> [String] {
    let mark = Array(separator.utf8)
    let bytes = Array(text.utf8)
    var parts: [String] = []
    var start = 0
    var index = 0
    while index + mark.count <= bytes.count {
      if bytes[index..<(index + mark.count)].elementsEqual(mark) {
        parts.append(String(decoding: bytes[start..<index], as: UTF8.self))
        index += mark.count
        start = index
      } else {
        index += 1
      }
    }
    parts.append(String(decoding: bytes[start...], as: UTF8.self))
    return parts
  }

  private static func trim(start: Bool, end: Bool) -> Operator {
    return { (name, operand, compiler) throws(PrivataError) in
      let document = try object(name, operand, 50696)
      try refuseOthers(document, ["input", "chars"], 50694, name)
      guard let input = document["input"] else {
        throw .rejected(50695, "\(name) requires an 'input' field")
      }
      let text = try compiler.compile(input)
      let chars = try document["chars"].map { (value) throws(PrivataError) in
        try compiler.compile(value)
      }
      return { (context) throws(PrivataError) in
        guard let value = try text(context), !value.isNull else { return .null }
        guard case .string(let input) = value else {
          throw .rejected(50699, "\(name) requires its input to be a string, got \(value.typeName)")
        }
        var unwanted = whiteSpace
        if let chars {
          guard let given = try chars(context), !given.isNull else { return .null }
          guard case .string(let text) = given else {
            throw .rejected(50700, "\(name) requires 'chars' to be a string, got \(given.typeName)")
          }
          unwanted = Set(text.unicodeScalars)
        }
        var scalars = input.unicodeScalars[...]
        if start { scalars = scalars.drop(while: unwanted.contains) }
        while end, let last = scalars.last, unwanted.contains(last) { scalars.removeLast() }
        return .string(String(String.UnicodeScalarView(scalars)))
      }
    }
  }

  /// Source: MongoDB manual, "$trim": the white space that it removes.
  private static let whiteSpace: Set<Unicode.Scalar> = Set(
    "\u{0}\t\n\u{B}\u{C}\r \u{A0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200A}"
      .unicodeScalars)

  private static func replace(all: Bool) -> Operator {
    return { (name, operand, compiler) throws(PrivataError) in
      let document = try object(name, operand, 51751)
      try refuseOthers(document, ["input", "find", "replacement"], 51750, name)
      for (key, code) in [("input", 51749), ("find", 51748), ("replacement", 51747)]
      where !document.contains(key) {
        throw .rejected(code, "\(name) requires '\(key)' to be specified")
      }
      return try replacing(all: all)(name, operand, compiler)
    }
  }

  private static func replacing(all: Bool) -> Operator {
    named(["input", "find", "replacement"]) { (operands, _) throws(PrivataError) in
      var texts: [String?] = []
      for (key, code) in [("input", 51746), ("find", 51745), ("replacement", 51744)] {
        switch try operands[key] {
        case nil, .null?, .undefined?: texts.append(nil)
        case .string(let text)?: texts.append(text)
        default: throw .rejected(code, "\(operands.name) requires that '\(key)' be a string")
        }
      }
      guard let input = texts[0], let find = texts[1], let replacement = texts[2] else {
        return .null
      }
      if find.isEmpty {
        // The empty text occurs before each character and at the end.
        guard all else { return .string(replacement + input) }
        return .string(input.unicodeScalars.map { replacement + String($0) }.joined() + replacement)
      }
      let pieces = parts(of: input, by: find)
      guard !all, pieces.count > 2 else { return .string(pieces.joined(separator: replacement)) }
      return .string(pieces[0] + replacement + pieces[1...].joined(separator: find))
    }
  }
}
