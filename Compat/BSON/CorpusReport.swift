import PrivataCore

extension CorpusReplay {
  /// The report of `make bson`: `{"total","passed","failed":[…]}`.
  var report: String {
    let failed = failures.map { failure in
      Value.document([
        "file": .string(failure.file), "description": .string(failure.description),
        "reason": .string(failure.reason),
      ])
    }
    let document: Document = [
      "total": .int(total), "passed": .int(total - failures.count), "failed": .array(failed),
    ]
    return document.extendedJSON(.relaxed)
  }
}
