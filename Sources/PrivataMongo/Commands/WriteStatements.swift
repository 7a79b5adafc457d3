import PrivataCore

/// Updates and deletes as statements of their commands.
extension Update {
  /// True where the server may be asked twice and count once.
  var isRetryable: Bool { !isMany }

  /// `{q, u, multi, upsert, arrayFilters, collation, hint}`
  func append(to writer: inout BSONWriter, on target: Target) {
    let mark = writer.beginDocument()
    writer.append("q", .document(target.filter(filter)))
    writer.append("u", ChangesDocument(target: target).value(changes))
    if isMany { writer.append("multi", bool: true) }
    if isUpsert { writer.append("upsert", bool: true) }
    if !arrayFilters.isEmpty {
      writer.append("arrayFilters", .array(arrayFilters.map { .document($0) }))
    }
    if let options { writer.appendStatementOptions(options) }
    writer.end(mark)
  }

  /// `findAndModify` that answers the record.
  func findAndModify(on target: Target) throws(PrivataError) -> Command {
    var command = try Command.on(target, "findAndModify", .retryableWrite) {
      (writer) throws(PrivataError) in
      writer.append("query", .document(target.filter(filter)))
      writer.append("remove", bool: false)
      writer.append("new", bool: returning == .after)
      writer.append("upsert", bool: isUpsert)
      if !sort.isEmpty { writer.append("sort", .document(target.sort(sort))) }
      if let fields = target.projection(projection) { writer.append("fields", .document(fields)) }
      writer.append("update", ChangesDocument(target: target).value(changes))
      if !arrayFilters.isEmpty {
        writer.append("arrayFilters", .array(arrayFilters.map { .document($0) }))
      }
      if let options { writer.append(options, hint: true) }
    }
    command.shape = { CommandShape.text("findAndModify", target, target.filter(filter)) }
    return command
  }
}

extension Delete {
  /// True where the server may be asked twice and count once.
  var isRetryable: Bool { !isMany }

  /// `{q, limit, collation, hint}`
  func append(to writer: inout BSONWriter, on target: Target) {
    let mark = writer.beginDocument()
    writer.append("q", .document(target.filter(filter)))
    writer.append("limit", int: isMany ? 0 : 1)
    if let options { writer.appendStatementOptions(options) }
    writer.end(mark)
  }

  /// `findAndModify` that removes the record and answers it.
  func findAndModify(on target: Target) throws(PrivataError) -> Command {
    var command = try Command.on(target, "findAndModify", .retryableWrite) {
      (writer) throws(PrivataError) in
      writer.append("query", .document(target.filter(filter)))
      writer.append("remove", bool: true)
      writer.append("new", bool: false)
      writer.append("upsert", bool: false)
      if !sort.isEmpty { writer.append("sort", .document(target.sort(sort))) }
      if let fields = target.projection(projection) { writer.append("fields", .document(fields)) }
      if let options { writer.append(options, hint: true) }
    }
    command.shape = { CommandShape.text("findAndModify", target, target.filter(filter)) }
    return command
  }
}
