import PrivataCore
import Testing

@testable import PrivataMongo

@Suite struct DateAgreementTests {
  private static let moments: [Int64] = [
    0, -1, 951_782_400_000, 1_709_210_096_007, -2_203_891_200_000, 4_102_444_800_000,
    4_118_083_200_000,
    1_698_541_200_000, 1_711_846_800_000, 1_679_792_399_000, 253_402_300_799_999,
    253_402_300_800_000,
    32_503_680_000_000, 1_604_210_400_000,
  ]

  private static let zones = [
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "Asia/Tehran",
    "America/Sao_Paulo", "Africa/Casablanca", "Asia/Jerusalem",
    "Pacific/Chatham", "EST5EDT", "CET",
    "Europe/Dublin", "+05:30", "-0330", "+03", "Nowhere/City", "", "GMT",
  ]

  @Test func momentsAreWrittenAsMongoDBWritesThem() async throws {
    let documents = Self.moments.map { ["d": .date(DateTime(milliseconds: $0))] as Document }
    try await Agreement.over("dates_written", documents) { agreement in
      for zone in Self.zones {
        let format = "%Y-%m-%dT%H:%M:%S.%L %z %Z %j %u %U %V %G %w %%"
        let stages: [Document] = [
          // Years beyond 9999 have no text.
          ["$match": ["d": ["$lt": .date(DateTime(milliseconds: 253_402_200_000_000))]]],
          ["$sort": ["_id": 1]],
          [
            "$project": [
              "r": [
                "$dateToString": [
                  "date": "$d", "format": .string(format), "timezone": .string(zone),
                ]
              ],
              "p": ["$dateToParts": ["date": "$d", "timezone": .string(zone)]],
              "i": ["$dateToParts": ["date": "$d", "timezone": .string(zone), "iso8601": true]],
            ]
          ],
        ]
        try await agreement.aggregate(stages)
      }
      for format in ["%", "%q", "plain", "%Y%", "", "%Y"] {
        try await agreement.evaluate(["$dateToString": ["date": "$d", "format": .string(format)]])
      }
    }
  }

  @Test func textsAreReadAsMongoDBReadsThem() async throws {
    let texts: [(String, String?)] = [
      ("2024-02-29", "%Y-%m-%d"), ("2023-02-29", "%Y-%m-%d"),
      ("29.02.2024 13:05:09", "%d.%m.%Y %H:%M:%S"),
      ("2024-060", "%Y-%j"), ("2024-W09-4", "%G-W%V-%u"), ("2024-W54-4", "%G-W%V-%u"),
      ("2024-02-29T10:00:00Z", nil),
      ("2024-02-29T10:00:00+0130", "%Y-%m-%dT%H:%M:%S%z"),
      ("2024-02-29T10:00:00-01:30", "%Y-%m-%dT%H:%M:%S%z"),
      ("2024-02-29 +90", "%Y-%m-%d %Z"), ("2024-02-29 -90", "%Y-%m-%d %Z"),
      ("2024-02-29", "%Y/%m/%d"), ("x", "%Y"),
      ("2024", "%Y"), ("12:30", "%H:%M"), ("2024-02-29 1.5", "%Y-%m-%d %S.%L"),
      ("2024-02-29%", "%Y-%m-%d%%"),
      ("2024-02-29", "%"), ("2024-02-29", "%q"), ("2024-02-29 extra", "%Y-%m-%d"),
      ("24-2-9", "%Y-%m-%d"),
      ("2024-13-01", "%Y-%m-%d"), ("2024-02-29 25", "%Y-%m-%d %H"), ("2024-366", "%Y-%j"),
      ("2023-366", "%Y-%j"),
      ("not a date", nil), ("", nil), ("2024-02-29", nil), ("2024-02-29Z", "%Y-%m-%d%z"),
    ]
    try await Agreement.over("dates_read", [["x": 1]]) { agreement in
      for (text, format) in texts {
        for zone in [nil, "Europe/Berlin", "+02:00"] as [String?] {
          var operand: Document = ["dateString": .string(text)]
          if let format { operand["format"] = .string(format) }
          if let zone { operand["timezone"] = .string(zone) }
          try await agreement.evaluate(["$dateFromString": .document(operand)])
        }
        // Without a format MongoDB guesses at far more than the engine does.
        guard format == nil || text == "2023-02-29" || text.hasSuffix("%") else { continue }
        let forgiving: Value = ["dateString": .string(text), "onError": "wrong", "onNull": "none"]
        try await agreement.evaluate(["$dateFromString": forgiving])
      }
    }
  }
}
