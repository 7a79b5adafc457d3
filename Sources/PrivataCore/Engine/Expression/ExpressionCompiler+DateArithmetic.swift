extension ExpressionCompiler {
  /// Adding to dates, their distance, and cutting them to a unit.
  static let dateArithmeticOperators: [String: Operator] = [
    "$dateAdd": { (name, operand, compiler) throws(PrivataError) in
      try shift(name, operand, compiler, sign: 1)
    },
    "$dateSubtract": { (name, operand, compiler) throws(PrivataError) in
      try shift(name, operand, compiler, sign: -1)
    },
    "$dateDiff": difference, "$dateTrunc": truncation,
  ]

  private static func shift(
    _ name: String, _ operand: Value, _ compiler: ExpressionCompiler, sign: Int64
  ) throws(PrivataError) -> Evaluator {
    let document = try object(name, operand, 5166400)
    try refuseOthers(document, ["startDate", "unit", "amount", "timezone"], 5166401, name)
    guard document.contains("startDate"), document.contains("unit"), document.contains("amount")
    else {
      throw .rejected(5166402, "\(name) requires startDate, unit, and amount to be present")
    }
    let operands = try compiler.optional(document, ["startDate", "unit", "amount", "timezone"])
    return { (context) throws(PrivataError) in
      guard let start = try operands["startDate"]?(context), !start.isNull,
        let unit = try operands["unit"]?(context), !unit.isNull,
        let amount = try operands["amount"]?(context), !amount.isNull
      else { return .null }
      var zone = ZoneRules.utc
      if let given = operands["timezone"] {
        guard let named = try Self.zone(given(context)) else { return .null }
        zone = named
      }
      let date = try moment(start, 5166403)
      let step = try Self.unit(unit, 5166404, name)
      guard let number = amount.exactInteger else {
        throw .rejected(5166405, "\(name) expects integer amount of time units")
      }
      let (count, isOverflowing) = number.multipliedReportingOverflow(by: sign)
      guard !isOverflowing, let result = add(count, step, to: date, zone) else {
        throw .rejected(5166406, "\(name) overflowed")
      }
      return .date(result)
    }
  }

  private static func unit(
    _ value: Value, _ code: Int, _ name: String
  ) throws(PrivataError) -> DateUnit {
    guard case .string(let text) = value else {
      throw .rejected(
        code == 5166404 ? 5166404 : 5439013, "\(name) expects a string of a time unit")
    }
    guard let unit = DateUnit(rawValue: text) else {
      throw .rejected(code == 5166404 ? 9 : 5439014, "unknown time unit value in \(name)")
    }
    return unit
  }

  /// The date that many units later; days and longer units keep the local time of day.
  private static func add(
    _ count: Int64, _ unit: DateUnit, to date: DateTime, _ zone: ZoneRules
  ) -> DateTime? {
    if let months = unit.months {
      let (total, isOverflowing) = count.multipliedReportingOverflow(by: Int64(months))
      guard !isOverflowing, total.magnitude < 3_000_000_000 else { return nil }
      return zone.moment(local: zone.local(date).adding(months: Int(total)))
    }
    guard let length = unit.milliseconds else { return nil }
    let (total, isOverflowing) = count.multipliedReportingOverflow(by: length)
    let start = unit.isCalendar ? zone.local(date) : date
    let (sum, isTooLarge) = start.milliseconds.addingReportingOverflow(total)
    guard !isOverflowing, !isTooLarge else { return nil }
    let result = DateTime(milliseconds: sum)
    return unit.isCalendar ? zone.moment(local: result) : result
  }

  private static let difference: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 5166301)
    let names = ["startDate", "endDate", "unit", "timezone", "startOfWeek"]
    try refuseOthers(document, Set(names), 5166302, name)
    for (key, code) in [("startDate", 5166303), ("endDate", 5166304), ("unit", 5166305)]
    where !document.contains(key) {
      throw .rejected(code, "Missing '\(key)' parameter to $dateDiff")
    }
    let operands = try compiler.optional(document, names)
    return { (context) throws(PrivataError) in
      guard let start = try operands["startDate"]?(context), !start.isNull,
        let end = try operands["endDate"]?(context), !end.isNull,
        let unitValue = try operands["unit"]?(context), !unitValue.isNull
      else { return .null }
      let from = try moment(start, 5166307)
      let to = try moment(end, 5166307)
      let unit = try Self.unit(unitValue, 5439013, name)
      guard let zone = try zone(operands, context) else { return .null }
      guard let first = try weekday(operands, context, unit, name) else { return .null }
      let (distance, isOverflowing) = index(of: to, unit, zone, first).subtractingReportingOverflow(
        index(of: from, unit, zone, first))
      guard !isOverflowing else { throw .rejected(5166308, "\(name) overflowed") }
      return .int64(Int64(distance))
    }
  }

  /// The zone of the operands, UTC where none is given; `nil` where it is null.
  private static func zone(
    _ operands: [String: Evaluator], _ context: ExpressionContext
  ) throws(PrivataError) -> ZoneRules? {
    guard let given = operands["timezone"] else { return .utc }
    return try zone(given(context))
  }

  /// The day that weeks begin with, 0 for Sunday.
  private static func weekday(
    _ operands: [String: Evaluator], _ context: ExpressionContext, _ unit: DateUnit, _ name: String
  ) throws(PrivataError) -> Int? {
    guard let given = operands["startOfWeek"], unit == .week else { return 0 }
    guard let value = try given(context), !value.isNull else { return nil }
    guard case .string(let text) = value else {
      throw .rejected(5439015, "\(name) requires 'startOfWeek' to be a string")
    }
    let names = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    let wanted = text.lowercased()
    guard let day = names.firstIndex(where: { $0 == wanted || String($0.prefix(3)) == wanted })
    else {
      throw .rejected(
        5439016, "\(name) parameter 'startOfWeek' value cannot be recognized as a day of a week")
    }
    return day
  }

  /// The number of the unit in which a date lies, counted from a fixed one.
  private static func index(
    of date: DateTime, _ unit: DateUnit, _ zone: ZoneRules, _ firstWeekday: Int
  ) -> Int {
    let local = unit.isCalendar || unit == .hour ? zone.local(date) : date
    if let months = unit.months {
      let parts = local.parts
      return (parts.year * 12 + parts.month - 1).quotientDown(by: months)
    }
    let length = Int(unit.milliseconds ?? 1)
    guard unit == .week else { return Int(local.milliseconds).quotientDown(by: length) }
    let days = Int(local.milliseconds).quotientDown(by: 86_400_000)
    // 1970-01-01 was a Thursday.
    return (days + 4 - firstWeekday).quotientDown(by: 7)
  }

  private static let truncation: Operator = { (name, operand, compiler) throws(PrivataError) in
    let document = try object(name, operand, 5439007)
    let names = ["date", "unit", "binSize", "timezone", "startOfWeek"]
    try refuseOthers(document, Set(names), 5439008, name)
    guard document.contains("date") else {
      throw .rejected(5439009, "Missing 'date' parameter to $dateTrunc")
    }
    guard document.contains("unit") else {
      throw .rejected(5439010, "Missing 'unit' parameter to $dateTrunc")
    }
    let operands = try compiler.optional(document, names)
    return { (context) throws(PrivataError) in
      guard let value = try operands["date"]?(context), !value.isNull,
        let unitValue = try operands["unit"]?(context), !unitValue.isNull
      else { return .null }
      let date = try moment(value, 5439012)
      let unit = try Self.unit(unitValue, 5439013, name)
      var size = 1
      if let given = operands["binSize"] {
        guard let count = try given(context), !count.isNull else { return .null }
        guard let number = count.exactInteger else {
          throw .rejected(5439017, "$dateTrunc requires 'binSize' to be a 64-bit integer")
        }
        guard number > 0 else {
          throw .rejected(5439018, "$dateTrunc requires 'binSize' to be greater than 0")
        }
        size = Int(number)
      }
      guard let zone = try zone(operands, context) else { return .null }
      guard let first = try weekday(operands, context, unit, name) else { return .null }
      guard let start = truncate(date, unit, size, zone, first) else {
        throw .rejected(15, "\(name) overflowed")
      }
      return .date(start)
    }
  }

  /// The beginning of the bin in which a date lies, counted from 2000-01-01; `nil` beyond the range
  /// of dates.
  private static func truncate(
    _ date: DateTime, _ unit: DateUnit, _ size: Int, _ zone: ZoneRules, _ firstWeekday: Int
  ) -> DateTime? {
    let local = zone.local(date)
    if let months = unit.months {
      let parts = local.parts
      let count = (parts.year - 2000) * 12 + parts.month - 1
      guard let start = bin(of: count, from: 0, months, size) else { return nil }
      let first = DateTime(.init(year: 2000)) ?? local
      return zone.moment(local: first.adding(months: start))
    }
    // 2000-01-01 was a Saturday; weeks are counted from the first of their day on or after it.
    let origin = 946_684_800_000 + (unit == .week ? ((firstWeekday - 6 + 7) % 7) * 86_400_000 : 0)
    let length = Int(unit.milliseconds ?? 1)
    guard unit.isCalendar else {
      // Hours and less are counted in the zone's own time from its own midnight.
      let start = Int(zone.moment(local: DateTime(milliseconds: Int64(origin))).milliseconds)
      return bin(of: Int(date.milliseconds), from: start, length, size).map {
        DateTime(milliseconds: Int64($0))
      }
    }
    return bin(of: Int(local.milliseconds), from: origin, length, size).map {
      zone.moment(local: DateTime(milliseconds: Int64($0)))
    }
  }

  /// The beginning of the bin of `size` units in which a number lies; `nil` where it overflows.
  private static func bin(of number: Int, from origin: Int, _ unit: Int, _ size: Int) -> Int? {
    let (length, isLong) = unit.multipliedReportingOverflow(by: size)
    let (distance, isFar) = number.subtractingReportingOverflow(origin)
    guard !isLong, !isFar else { return nil }
    let (start, isEarly) = distance.quotientDown(by: length).multipliedReportingOverflow(by: length)
    let (result, isEarlier) = origin.addingReportingOverflow(start)
    return isEarly || isEarlier ? nil : result
  }
}

extension Int {
  /// The quotient, rounded down.
  func quotientDown(by divisor: Int) -> Int {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
