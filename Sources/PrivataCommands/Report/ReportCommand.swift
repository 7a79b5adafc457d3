internal import ArgumentParser
internal import PrivataCore

/// `privata report`.
struct ReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "What a vault shows of how the law is kept.",
    discussion: """
      Purposes, rules of retention and policies are options of the application: they are in a report \
      where the application embeds these commands and opens its own vault.
      """,
    subcommands: [
      ReportComplianceCommand.self, ReportEvidenceCommand.self, ReportRecordsCommand.self,
      ReportImpactCommand.self, ReportPostureCommand.self, ReportNoticesCommand.self,
    ])
}

/// The options that name a period.
struct PeriodOptionGroup: ParsableArguments {
  @Option(help: "A year, a quarter or a month: 2026, 2026-Q1, 2026-03.")
  var period: String?

  @Option(help: "The begin, where no period is named.")
  var from: String?

  @Option(help: "The end, which is no part of it; now where nothing is said.")
  var to: String?

  /// The first moment, and the one behind the last.
  func resolve() throws(PrivataError) -> (from: DateTime, to: DateTime) {
    guard let period else {
      guard let from else { throw .option("--period", "name a period, or --from") }
      let start = try DateTime(from, option: "--from")
      let end = try to.map { text throws(PrivataError) in try DateTime(text, option: "--to") }
      return try Self.checked(start, end ?? .now, "--to")
    }
    guard from == nil, to == nil else {
      throw .option("--period", "a period has its own begin and end")
    }
    guard let (year, month, count) = Self.months(period) else {
      throw .option("--period", "say 2026, 2026-Q1 or 2026-03")
    }
    let next = month + count
    let end = next > 12 ? (year + 1, next - 12) : (year, next)
    return try Self.checked(
      try Self.first(year, month), try Self.first(end.0, end.1), "--period")
  }

  private static func months(_ text: String) -> (year: Int, month: Int, count: Int)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard let year = Int(parts[0]), (1...9_999).contains(year), parts.count < 3 else { return nil }
    guard parts.count == 2 else { return (year, 1, 12) }
    if parts[1].hasPrefix("Q") {
      guard let quarter = Int(parts[1].dropFirst()), (1...4).contains(quarter) else { return nil }
      return (year, quarter * 3 - 2, 3)
    }
    guard let month = Int(parts[1]), (1...12).contains(month) else { return nil }
    return (year, month, 1)
  }

  private static func first(_ year: Int, _ month: Int) throws(PrivataError) -> DateTime {
    guard let moment = DateTime(.init(year: year, month: month, day: 1)) else {
      throw .option("--period", "there is no such month")
    }
    return moment
  }

  private static func checked(
    _ from: DateTime, _ to: DateTime, _ option: String
  ) throws(PrivataError) -> (from: DateTime, to: DateTime) {
    guard from < to else { throw .option(option, "the end is behind the begin") }
    return (from, to)
  }
}

/// Where a report goes.
struct ReportOutputGroup: ParsableArguments {
  @Option(help: "The file for the report; it is printed where nothing is said.")
  var out: String?

  /// Prints a report, or writes it and prints what is to be said of it.
  func put(_ text: String, _ facts: Document, asJSON isJSON: Bool) throws(PrivataError) {
    guard let out else {
      say(text)
      return
    }
    try Files.write(text + "\n", to: out, "--out")
    var answer: Document = ["report": .string(out)]
    for element in facts.elements { answer[element.key] = element.value }
    say(answer, asJSON: isJSON)
  }
}

/// Picks the text of a format.
func report(
  _ format: String, _ texts: KeyValuePairs<String, () -> String>
) throws(PrivataError) -> String {
  if let text = texts.first(where: { $0.key == format }) { return text.value() }
  throw .option("--format", texts.map(\.key).joined(separator: ", "))
}
