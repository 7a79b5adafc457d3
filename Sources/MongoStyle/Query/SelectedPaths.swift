internal import PrivataCore

/// Applies the schema's `select` options to a projection: hidden paths stay out unless asked for,
/// paths marked for selection come along.
enum SelectedPaths {
  static func apply(
    to fields: inout Document, _ schema: CompiledSchema, sanitizes: Bool = false
  ) {
    var work = Work(fields: fields, sanitizes: sanitizes)
    work.takeMinusPaths(schema)
    work.analyze(schema, prefix: "", root: schema)
    work.finish(schema)
    fields = work.fields
  }

  private struct Work {
    var fields: Document
    let sanitizes: Bool
    /// True where fields are left out, false where they are asked for, `nil` for neither.
    var isExclusive: Bool?
    var keys: [String] = []
    var selected: [String] = []
    var excluded: [String] = []
    var skipped: Set<String> = []

    /// `-a` leaves a field out, or takes back one that the schema would add.
    mutating func takeMinusPaths(_ schema: CompiledSchema) {
      var minus: [String] = []
      for key in fields.keys where key.hasPrefix("-") {
        fields[key] = nil
        if key == "-_id" { fields["_id"] = 0 } else { minus.append(String(key.dropFirst())) }
      }
      keys = fields.keys
      for key in keys where !key.hasPrefix("+") {
        guard let value = fields[key], Projections.isDefining(value) else { continue }
        if key == "_id", keys.count > 1 { continue }
        if key == schema.options.discriminatorKey, keys.count > 1, !value.isTruthy { continue }
        isExclusive = !value.isTruthy
        break
      }
      for path in minus {
        let wanted = schema.path(path)?.options.select == true
        if !wanted || isExclusive != false {
          fields[path] = 0
          isExclusive = true
        } else {
          skipped.insert(path)
        }
      }
    }

    mutating func analyze(_ schema: CompiledSchema, prefix: String, root: CompiledSchema) {
      for path in schema.all {
        let name = prefix.isEmpty ? path.path : "\(prefix).\(path.path)"
        if path.isMap {
          if path.options.select == false, !fields.contains("+" + name) { excluded.append(name) }
          continue
        }
        let own = path.options.select ?? path.element?.options.select
        if let own { analyze(name, isSelected: own, root) }
        if let inner = path.schema {
          let before = selected.count
          analyze(inner, prefix: name, root: root)
          dropLoneKey(of: inner, name, since: before)
        }
      }
    }

    /// The key of an embedded discriminator only comes along where something beside it is asked for.
    private mutating func dropLoneKey(of schema: CompiledSchema, _ path: String, since: Int) {
      let key = "\(path).\(schema.options.discriminatorKey)"
      guard isExclusive == false, selected.count == since + 1, selected.last == key,
        !fields.keys.contains(where: { $0.hasPrefix(path + ".") })
      else { return }
      selected.removeLast()
    }

    private mutating func analyze(
      _ name: String, isSelected: Bool, _ schema: CompiledSchema
    ) {
      let given = fields[name]
      if !isSelected, given?.isTruthy ?? false {
        if sanitizes { fields[name] = 0 }
        return
      }
      if isSelected, isExclusive != true, let given, !given.isTruthy {
        if isExclusive == false || name == schema.options.discriminatorKey {
          fields[name] = nil
          return
        }
      }
      if fields.contains("+" + name) {
        fields["+" + name] = nil
        if isExclusive == false, keys.count > 1, !keys.contains(name), !sanitizes {
          fields[name] = 1
        } else if isExclusive == nil, sanitizes, !isSelected {
          fields[name] = 0
        }
        return
      }
      if name.parentPaths.contains(where: excluded.contains) { return }
      if isSelected { selected.append(name) } else { excluded.append(name) }
    }

    mutating func finish(_ schema: CompiledSchema) {
      switch isExclusive {
      case true?:
        for name in excluded where !hasExcludedParent(name) { fields[name] = 0 }
      case false?:
        if schema.paths["_id"]?.options.select == false { fields["_id"] = 0 }
        for name in selected where !skipped.contains(name) && !isIncluded(name) {
          if !(fields[name]?.isTruthy ?? false) { fields[name] = 1 }
        }
      case nil:
        for key in fields.keys where key.hasPrefix("+") { fields[key] = nil }
        for name in excluded where fields[name] == nil { fields[name] = 0 }
      }
    }

    private func hasExcludedParent(_ name: String) -> Bool {
      name.parentPaths.dropLast().contains { fields[$0].map { !$0.isTruthy } ?? false }
    }

    private func isIncluded(_ name: String) -> Bool {
      name.parentPaths.contains { fields[$0]?.isTruthy ?? false }
    }
  }
}
