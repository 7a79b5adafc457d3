import Foundation
import PrivataCompliance
import PrivataCore
import TestPlaces
import TestSupport
import Testing

/// Random data and random queries on real stores: a vault answers as one plain store does.
@Suite(.serialized) struct PairAnswersTests {
  @Test(arguments: Pair.same + Pair.mixed)
  func answersAsAPlainStore(_ pair: Pair) async throws {
    try await pair.withVault({ $0.joinBatch = 20 }) { vault, _ in
      let place = Place(pair.identity, "plain")
      let plain = try await place.source.open()
      var same = SameAnswers(
        plain: plain, vault: vault.store, models: ClinicModels(), seed: 42, isOrdered: false)
      try await same.fill()
      let found = await same.compare(documents: 1_600, cells: 400, seed: 4_711)
      #expect(
        found.differences.count == 0, "\(found.differences.prefix(3).joined(separator: "\n"))")
      #expect(found.asked == 2_000)
      // Queries that find nothing, or are refused, prove little.
      #expect(found.answered > 1_200 && found.refused < 100, "\(found.answered) \(found.refused)")
      await (plain as? any AdministrableStore)?.close()
      try await place.remove()
    }
  }
}
