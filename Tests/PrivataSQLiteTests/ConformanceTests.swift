import PrivataCore
import PrivataTesting
import Testing

@testable import PrivataSQLite

@Suite struct ConformanceTests {
  @Test(arguments: StoreConformance.checks)
  func conformsInMemory(_ check: StoreConformance.Check) async throws {
    let store = try await SQLiteStore(path: ":memory:")
    try await StoreConformance(store).run(check)
    await store.close()
  }

  @Test(arguments: StoreConformance.checks)
  func conformsOnAFile(_ check: StoreConformance.Check) async throws {
    let folder = try Folder()
    var options = SQLiteOptions()
    options.durability = .normal
    let store = try await SQLiteStore(path: folder.file(), options)
    try await StoreConformance(store).run(check)
    await store.close()
  }

  @Test(arguments: StoreConformance.checks)
  func conformsOnASharedFile(_ check: StoreConformance.Check) async throws {
    let folder = try Folder()
    var options = SQLiteOptions()
    options.sharing = .shared
    options.durability = .off
    let store = try await SQLiteStore(path: folder.file(), options)
    try await StoreConformance(store).run(check)
    await store.close()
  }
}
