import PrivataCompliance
import PrivataCore
import PrivataTesting
import TestSupport
import Testing

/// Random data, random queries: a vault answers as a plain store does.
@Suite struct SameAnswersTests {
  @Test(arguments: 1...8)
  func answersAsAPlainStore(_ seed: Int) async throws {
    let vault = try await MemoryVault { $0.joinBatch = [3, 10, 1_000][seed % 3] }.vault
    var same = SameAnswers(
      plain: MemoryStore(), vault: vault.store, models: ClinicModels(), seed: seed, isOrdered: true)
    try await same.fill()
    let found = await same.compare(documents: 300, cells: 100, seed: seed * 31)
    #expect(found.differences.count == 0, "\(found.differences.prefix(3).joined(separator: "\n"))")
    #expect(found.asked == 400 && found.answered > 200)
  }
}
