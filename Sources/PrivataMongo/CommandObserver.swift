package import PrivataCore

/// Sees each command as libmongoc sends it, for tests and tools. Commands hold personal data: an
/// observer must not keep or print them in a running service.
package protocol CommandObserver: Sendable {
  /// Called on the thread that sends, before it sends.
  func willSend(_ command: ObservedCommand)
}

/// A command on its way to the server.
package struct ObservedCommand: Sendable {
  package var name: String
  package var database: String
  /// The command with everything the driver added.
  package var document: Document

  /// The command without what drivers add by themselves: sessions, concerns, cursor and batch
  /// options, and `ordered: true`.
  package var essentials: Document {
    Document(
      document.elements.filter { element in
        if Self.driverFields.contains(element.key) { return false }
        return element.key != "ordered" || element.value != .bool(true)
      })
  }

  private static let driverFields: Set<String> = [
    "lsid", "$db", "$clusterTime", "txnNumber", "$readPreference", "readConcern", "writeConcern",
    "startTransaction", "autocommit", "cursor", "batchSize", "singleBatch",
  ]
}
