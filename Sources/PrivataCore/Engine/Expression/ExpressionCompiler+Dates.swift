extension ExpressionCompiler {
  /// Parts of dates, and dates from and to text and parts.
  static let dateOperators: [String: Operator] = [
    "$year": part { .int($0.year) }, "$month": part { .int($0.month) },
    "$dayOfMonth": part { .int($0.day) }, "$hour": part { .int($0.hour) },
    "$minute": part { .int($0.minute) }, "$second": part { .int($0.second) },
    "$millisecond": part { .int($0.millisecond) }, "$dayOfYear": part { .int($0.dayOfYear) },
    "$dayOfWeek": part { .int($0.weekday + 1) }, "$week": part { .int($0.weekOfYear) },
    "$isoWeek": part { .int($0.isoWeek.week) },
    "$isoWeekYear": part { .int64(Int64($0.isoWeek.year)) },
    "$isoDayOfWeek": part { .int($0.isoWeekday) }, "$dateToString": toText,
    "$dateFromString": fromText, "$dateToParts": toParts, "$dateFromParts": fromParts,
  ]

  /// A date from a value that holds a moment.
  static func moment(_ value: Value, _ code: Int = 16006) throws(PrivataError) -> DateTime {
    switch value {
    case .date(let date): return date
    case .timestamp(let stamp): return DateTime(milliseconds: Int64(stamp.seconds) * 1000)
    case .objectID(let id): return id.createdAt
    default: throw .rejected(code, "can't convert from BSON type \(value.typeName) to Date")
    }
  }

  /// The zone that an operand names; `nil` for null.
  static func zone(_ value: Value?, _ code: Int = 40517) throws(PrivataError) -> ZoneRules? {
    switch value {
    case nil, .null?, .undefined?: return nil
    case .string(let name)?: return try .named(name)
    default: throw .rejected(code, "timezone must evaluate to a string")
    }
  }

  private static func part(_ read: @escaping @Sendable (DateTime) -> Value) -> Operator {
    return { (name, operand, compiler) throws(PrivataError) in
      var date = operand
      var zone: Value?
      if case .document(let document) = operand, document.keys.first?.hasPrefix("$") == false {
        try refuseOthers(document, ["date", "timezone"], 40535, name)
        guard let given = document["date"] else {
          throw .rejected(40539, "missing 'date' argument to \(name)")
        }
        (date, zone) = (given, document["timezone"])
      } else {
        let given = arguments(operand)
        guard given.count == 1 else {
          throw .rejected(40536, "\(name) accepts exactly one argument if given an array")
        }
        date = given[0]
      }
      let source = try compiler.compile(date)
      let place = try zone.map { (value) throws(PrivataError) in try compiler.compile(value) }
      return { (context) throws(PrivataError) in
        guard let value = try source(context), !value.isNull else { return .null }
        let moment = try moment(value)
        guard let place else { return read(moment) }
        guard let zone = try Self.zone(place(context), 40533) else { return .null }
        return read(zone.local(moment))
      }
    }
  }

  private static let toText: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 18629)
    try refuseOthers(document, ["date", "format", "timezone", "onNull"], 18534, name)
    guard let date = document["date"] else {
      throw .rejected(18628, "Missing 'date' parameter to $dateToString")
    }
    let source = try compiler.compile(date)
    let optional = try compiler.optional(document, ["format", "timezone", "onNull"])
    return { (context) throws(PrivataError) in
      var format: String?
      if let given = optional["format"] {
        guard let value = try given(context), !value.isNull else { return .null }
        guard case .string(let text) = value else {
          throw .rejected(18533, "$dateToString requires that 'format' be a string")
        }
        format = text
      }
      var zone: ZoneRules?
      if let given = optional["timezone"] {
        zone = try Self.zone(given(context))
        if zone == nil { return .null }
      }
      guard let value = try source(context), !value.isNull else {
        if let onNull = optional["onNull"] { return try onNull(context) }
        return .null
      }
      let usual = "%Y-%m-%dT%H:%M:%S.%LZ"
      return .string(try DateFormat.text(try moment(value), format ?? usual, zone ?? .utc))
    }
  }

  private static let fromText: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 40540)
    let names: Set<String> = ["dateString", "format", "timezone", "onError", "onNull"]
    try refuseOthers(document, names, 40541, name)
    guard let given = document["dateString"] else {
      throw .rejected(40542, "Missing 'dateString' parameter to $dateFromString")
    }
    let source = try compiler.compile(given)
    let optional = try compiler.optional(document, ["format", "timezone", "onError", "onNull"])
    return { (context) throws(PrivataError) in
      guard let value = try source(context), !value.isNull else {
        if let onNull = optional["onNull"] { return try onNull(context) }
        return .null
      }
      do throws(PrivataError) {
        return try parse(value, optional, context)
      } catch {
        guard (error.underlying as? ServerError)?.code == 241, let onError = optional["onError"]
        else {
          throw error
        }
        return try onError(context)
      }
    }
  }

  private static func parse(
    _ value: Value, _ optional: [String: Evaluator], _ context: ExpressionContext
  ) throws(PrivataError) -> Value {
    var zone: ZoneRules?
    if let given = optional["timezone"] {
      zone = try Self.zone(given(context))
      if zone == nil { return .null }
    }
    guard case .string(let text) = value else {
      throw .rejected(
        241, "$dateFromString requires that 'dateString' be a string, found: \(value.typeName)")
    }
    var date: DateTime?
    if let given = optional["format"] {
      guard let format = try given(context), !format.isNull else { return .null }
      guard case .string(let format) = format else {
        throw .rejected(40684, "$dateFromString requires that 'format' be a string")
      }
      date = try DateFormat.parse(text, format: format, zone: zone)
    } else {
      date = DateFormat.parse(text, zone: zone)
    }
    guard let date else { throw .rejected(241, "Error parsing date string") }
    return .date(date)
  }

  /// Operands that are given, compiled.
  func optional(_ document: Document, _ names: [String]) throws(PrivataError) -> [String: Evaluator]
  {
    var compiled: [String: Evaluator] = [:]
    for name in names {
      if let value = document[name] { compiled[name] = try compile(value) }
    }
    return compiled
  }

  private static let toParts: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 40524)
    try refuseOthers(document, ["date", "timezone", "iso8601"], 40520, name)
    guard let date = document["date"] else {
      throw .rejected(40522, "Missing 'date' parameter to $dateToParts")
    }
    let source = try compiler.compile(date)
    let optional = try compiler.optional(document, ["timezone", "iso8601"])
    return { (context) throws(PrivataError) in
      var zone = ZoneRules.utc
      if let given = optional["timezone"] {
        guard let named = try Self.zone(given(context)) else { return .null }
        zone = named
      }
      var isISO = false
      if let given = optional["iso8601"] {
        guard let value = try given(context), !value.isNull else { return .null }
        guard case .bool(let flag) = value else {
          throw .rejected(40521, "iso8601 must evaluate to a bool")
        }
        isISO = flag
      }
      guard let value = try source(context), !value.isNull else { return .null }
      let local = zone.local(try moment(value))
      var result: Document =
        isISO
        ? [
          "isoWeekYear": .int(local.isoWeek.year), "isoWeek": .int(local.isoWeek.week),
          "isoDayOfWeek": .int(local.isoWeekday),
        ] : ["year": .int(local.year), "month": .int(local.month), "day": .int(local.day)]
      for (key, number) in [
        ("hour", local.hour), ("minute", local.minute), ("second", local.second),
        ("millisecond", local.millisecond),
      ] {
        result.append(key, .int(number))
      }
      return .document(result)
    }
  }

  private static let fromParts: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 40519)
    let plain = ["year", "month", "day"]
    let iso = ["isoWeekYear", "isoWeek", "isoDayOfWeek"]
    let time = ["hour", "minute", "second", "millisecond"]
    try refuseOthers(document, Set(plain + iso + time + ["timezone"]), 40518, name)
    let isISO = document.contains("isoWeekYear")
    guard isISO || document.contains("year") else {
      throw .rejected(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present")
    }
    for key in document.keys where (isISO ? plain : iso).contains(key) {
      throw .rejected(
        isISO ? 40525 : 40489, "$dateFromParts does not allow mixing natural dates with ISO dates")
    }
    let operands = try compiler.optional(document, plain + iso + time + ["timezone"])
    let names = (isISO ? iso : plain) + time
    return { (context) throws(PrivataError) in
      var numbers: [Int] = []
      for (index, name) in names.enumerated() {
        guard let operand = operands[name] else {
          numbers.append(index < 3 ? 1 : 0)
          continue
        }
        guard let value = try operand(context), !value.isNull else { return .null }
        guard let number = value.exactInteger else {
          throw .rejected(40515, "'\(name)' must evaluate to an integer")
        }
        guard index > 0 || (1...9999).contains(number) else {
          throw .rejected(
            isISO ? 31095 : 40523, "'\(name)' must evaluate to an integer in the range 1 to 9999")
        }
        guard index == 0 || index > 4 || (-32_768...32_767).contains(number) else {
          throw .rejected(31034, "'\(name)' must evaluate to a value in the range [-32768, 32767]")
        }
        numbers.append(Int(number))
      }
      var zone = ZoneRules.utc
      if let given = operands["timezone"] {
        guard let named = try Self.zone(given(context)) else { return .null }
        zone = named
      }
      let day =
        isISO
        ? DateTime(isoYear: numbers[0], week: numbers[1], weekday: numbers[2])
        : DateTime(.init(year: numbers[0]))?.adding(months: numbers[1] - 1).adding(
          days: numbers[2] - 1)
      guard let day else { return .null }
      let (seconds, isLong) = numbers[5].multipliedReportingOverflow(by: 1000)
      let (time, isLonger) = seconds.addingReportingOverflow(numbers[6])
      let minutes = Int64(numbers[3] * 60 + numbers[4])
      let (sum, isLongest) = day.adding(milliseconds: minutes * 60_000).milliseconds
        .addingReportingOverflow(Int64(time))
      guard !isLong, !isLonger, !isLongest else {
        throw .rejected(159, "the parts of $dateFromParts overflow")
      }
      return .date(zone.moment(local: DateTime(milliseconds: sum)))
    }
  }
}
