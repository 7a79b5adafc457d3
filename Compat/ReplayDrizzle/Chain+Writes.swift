import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit

extension ChainBuilder {
  func insert(_ query: InsertQuery, _ steps: ArraySlice<[JSON]>) throws -> Built {
    var query = query
    for step in steps {
      let name = step.first?.string ?? ""
      let first = step.count > 1 ? step[1] : nil
      switch name {
      case "values":
        let rows = first?.elements ?? first.map { [$0] } ?? []
        query = query.values(try rows.map { try scope.values($0) })
      case "select":
        if let chain = first?["chain"]?.elements {
          query = query.select(try scope.query(chain))
        } else {
          query = query.select(try scope.fragment(first))
        }
      case "overridingSystemValue": query = query.overridingSystemValue()
      case "onConflictDoNothing":
        query = query.onConflictDoNothing(
          target: try target(first), where: try scope.condition(first?["where"]))
      case "onConflictDoUpdate": query = try updating(query, first)
      case "returning":
        query = try scope.selection(first).map { query.returning($0) } ?? query.returning()
      case "comment": query = first?.string.map { query.comment($0) } ?? query.comment(tags(first))
      case "prepare": return .prepared(try query.prepare(), false)
      case "get", "all", "values()", "run", "execute": return .method(.insert(query), name)
      default: throw ReplayFailure("unknown call '\(name)'")
      }
    }
    return .insert(query)
  }

  private func target(_ json: JSON?) throws -> [SQL] {
    guard let target = json?["target"] else { return [] }
    if let parts = target.elements, parts.first?.string == nil {
      return try parts.map { try scope.fragment($0) }
    }
    return [try scope.fragment(target)]
  }

  private func updating(_ query: InsertQuery, _ json: JSON?) throws -> InsertQuery {
    let old = try scope.condition(json?["where"])
    let new = try scope.condition(json?["setWhere"])
    let partial = try scope.condition(json?["targetWhere"])
    if old != nil, new != nil || partial != nil {
      // The call has one name for each condition, so the mixture cannot be written at all.
      throw Unwritable()
    }
    return query.onConflictDoUpdate(
      target: try target(json), set: try scope.values(json?["set"] ?? JSON(parsing: "{}")),
      targetWhere: partial, setWhere: new ?? old)
  }

  func update(_ query: UpdateQuery, _ steps: ArraySlice<[JSON]>) throws -> Built {
    var query = query.where(.all)
    for step in steps {
      let name = step.first?.string ?? ""
      let first = step.count > 1 ? step[1] : nil
      let condition = { try scope.condition(step.count > 2 ? step[2] : nil) }
      switch name {
      case "set": query = query.set(try scope.values(first ?? JSON(parsing: "{}")))
      case "where": query = query.where(try required(first))
      case "from": query = query.from(try source(first))
      case "innerJoin": query = query.innerJoin(try source(first), on: try condition())
      case "leftJoin": query = query.leftJoin(try source(first), on: try condition())
      case "rightJoin": query = query.rightJoin(try source(first), on: try condition())
      case "fullJoin": query = query.fullJoin(try source(first), on: try condition())
      case "orderBy": query = query.orderBy(try step.dropFirst().map { try scope.fragment($0) })
      case "limit": query = query.limit(try scope.bound(first))
      case "returning":
        query = try scope.selection(first).map { query.returning($0) } ?? query.returning()
      case "comment": query = first?.string.map { query.comment($0) } ?? query.comment(tags(first))
      case "prepare": return .prepared(try query.prepare(), false)
      case "get", "all", "values", "run", "execute": return .method(.update(query), name)
      default: throw ReplayFailure("unknown call '\(name)'")
      }
    }
    return .update(query)
  }

  func delete(_ query: DeleteQuery, _ steps: ArraySlice<[JSON]>) throws -> Built {
    var query = query.where(.all)
    for step in steps {
      let name = step.first?.string ?? ""
      let first = step.count > 1 ? step[1] : nil
      switch name {
      case "where": query = query.where(try required(first))
      case "orderBy": query = query.orderBy(try step.dropFirst().map { try scope.fragment($0) })
      case "limit": query = query.limit(try scope.bound(first))
      case "returning":
        query = try scope.selection(first).map { query.returning($0) } ?? query.returning()
      case "comment": query = first?.string.map { query.comment($0) } ?? query.comment(tags(first))
      case "prepare": return .prepared(try query.prepare(), false)
      case "get", "all", "values", "run", "execute": return .method(.delete(query), name)
      default: throw ReplayFailure("unknown call '\(name)'")
      }
    }
    return .delete(query)
  }

  /// The condition of a write, which cannot be left undefined.
  private func required(_ json: JSON?) throws -> SQL {
    guard let condition = try scope.condition(json) else { throw Unwritable() }
    return condition
  }

  private func source(_ json: JSON?) throws -> any QuerySource {
    guard let json else { throw ReplayFailure("a call without its source") }
    return try scope.source(json)
  }
}
