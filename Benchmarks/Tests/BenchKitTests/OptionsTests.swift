import Testing

@testable import BenchKit

@Suite struct OptionsTests {
  private func comparison(_ suite: String, _ store: String, _ op: String) -> Comparison {
    Comparison(
      suite, "prisma", store, op, conditions: ([:], [:]), answers: ({ 0 }, { 0 }), raw: { _ in },
      privata: { _ in })
  }

  @Test(arguments: [
    ([], true), (["--suite", "style"], true), (["--suite", "vault,mix"], false),
    (["--store", "sqlite,mongo"], true), (["--store", "postgres"], false),
    (["--ops", "findById,find 10"], true), (["--ops", "insert"], false),
    (["--only", "prisma.sqlite"], true), (["--only", "drizzle"], false),
  ])
  func choosesComparisons(words: [String], isWanted: Bool) throws {
    #expect(try Options(words).wants(comparison("style", "sqlite", "find 10")) == isWanted)
  }

  @Test(arguments: [["--suit", "style"], ["--rounds"], ["--rounds", "many"], ["--rows", "0"]])
  func refusesWrongWords(words: [String]) {
    #expect(throws: WrongOption.self) { try Options(words) }
  }
}
