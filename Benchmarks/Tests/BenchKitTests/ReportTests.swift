import Foundation
import Testing

@testable import BenchKit

@Suite struct ReportTests {
  private let measured = Measurement(
    suite: "style", style: "prisma", store: "sqlite", op: "findById", raw: 4000, privata: 4400,
    ratios: [0.9, 1.1, 1.3])

  @Test func printsWhatWasMeasured() {
    #expect(
      Report.line(measured)
        == "| style | prisma | sqlite | findById | 4000 | 4400 | 1.10 | 0.90–1.30 |")
  }

  @Test func jsonHoldsTheAgreedKeys() throws {
    var report = Report()
    report.measurements = [measured]
    let rows = try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [[String: Any]]
    #expect(
      Set(rows?.first?.keys ?? [:].keys)
        == ["suite", "style", "store", "op", "raw_ns", "privata_ns", "ratio", "rounds"])
    #expect(rows?.first?["ratio"] as? Double == 1.1)
  }

  @Test func meansAreGeometric() {
    var report = Report()
    report.measurements = [measured, measured]
    report.measurements[0].ratios = [0.5]
    report.measurements[1].ratios = [2]
    #expect(report.summary == "style, prisma, sqlite: geometric mean 1.00")
  }
}
