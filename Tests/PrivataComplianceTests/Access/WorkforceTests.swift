import PrivataCore
import PrivataTesting
import Testing

@testable import PrivataCompliance

@Suite struct WorkforceTests {
  /// An older look at the grants that comes late does not undo a termination.
  @Test func aLateAnswerDoesNotUndoATermination() async throws {
    let store = PausingStore(MemoryStore(name: "audit"))
    let documentation = DocumentationStore(
      store: store, keys: VaultKeys(master: Array(repeating: 5, count: 32)))
    var options = HIPAAOptions()
    options.asksForGrants = true
    let access = AccessControl(options, documentation)
    let body: Document = ["user": "dr-7", "role": "clinician"]
    try await documentation.add(
      DocumentationEntry(.grant, at: .now, body: body, actor: "officer"))
    try await access.reload()
    try access.checkActive("dr-7")
    // The grants are read first, then the terminations.
    store.pause(.read, DocumentationEntry.schema.collection, skipping: 1)
    let late = Task { try await access.reload() }
    try await store.reached()
    try await documentation.add(
      DocumentationEntry(
        .termination, state: "closed", at: DateTime(milliseconds: DateTime.now.milliseconds + 1),
        body: ["user": "dr-7"], actor: "officer"))
    try await access.reload()
    #expect(throws: PrivataError.self) { try access.checkActive("dr-7") }
    store.letGo()
    try await late.value
    #expect(throws: PrivataError.self) { try access.checkActive("dr-7") }
  }
}
