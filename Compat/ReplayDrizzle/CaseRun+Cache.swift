import DrizzleStyle
import PrivataCore
import PrivataSQL
import ReplayKit
import Synchronization

/// A cache that keeps what it is given and records what it is asked.
final class RecordingCache: QueryCache {
  struct Event: Equatable {
    var kind: String
    var key = ""
    var tables: [String] = []
    var tags: [String] = []
    var isTag = false
    var autoInvalidate = true
    var detail = ""
  }

  private struct State {
    var events: [Event] = []
    var rows: [String: [Document]] = [:]
    var tables: [String: Set<String>] = [:]
  }

  let cachesAll: Bool
  private let state = Mutex(State())

  init(cachesAll: Bool) { self.cachesAll = cachesAll }

  var events: [Event] { state.withLock { $0.events } }

  func note(step: Int) { state.withLock { $0.events.append(Event(kind: "step \(step)")) } }

  func rows(for key: CacheKey) async -> [Document]? {
    state.withLock { state in
      let rows = state.rows[key.name]
      state.events.append(
        Event(
          kind: "get", key: key.isTag ? key.name : "<sha256>", tables: key.tables,
          isTag: key.isTag, autoInvalidate: key.isInvalidatedByWrites,
          detail: rows == nil ? "miss" : "hit"))
      return rows
    }
  }

  func keep(_ rows: [Document], for key: CacheKey) async {
    state.withLock { state in
      let tables = key.isInvalidatedByWrites ? key.tables : []
      state.rows[key.name] = rows
      state.tables[key.name] = Set(tables)
      let lifetime = key.lifetimeSeconds.map { " for \($0)" } ?? ""
      state.events.append(
        Event(
          kind: "put", key: key.isTag ? key.name : "<sha256>", tables: tables, isTag: key.isTag,
          detail: "\(rows.count)\(lifetime)"))
    }
  }

  func forget(tables: [String], tags: [String]) async {
    state.withLock { state in
      state.events.append(Event(kind: "onMutate", tables: tables, tags: tags))
      for (name, used) in state.tables where !used.isDisjoint(with: tables) {
        state.rows[name] = nil
      }
      for tag in tags { state.rows[tag] = nil }
    }
  }
}

extension CaseRun {
  mutating func cache() async throws {
    let cache = RecordingCache(cachesAll: json["strategy"]?.string == "all")
    let cached = db.caching(in: cache)
    var answers: [Value] = []
    for (index, step) in (json["steps"]?.elements ?? []).enumerated() {
      cache.note(step: index)
      if let wanted = step["invalidate"] {
        await cache.forget(tables: Self.names(wanted["tables"]), tags: Self.names(wanted["tags"]))
        answers.append(.null)
        continue
      }
      let scope = try scope(step["let"] ?? JSON(parsing: "[]"))
      do {
        let built = try scope.build(step["call"]?.elements ?? [], cached)
        answers.append(try await built.run(cached).value(dialect))
      } catch let error as PrivataError {
        guard step["catch"]?.bool == true else { throw error }
        answers.append(["caught": .string("\(error)")])
      }
    }
    try compare(json["rows"]?.recorded(dialect)?.elements ?? [], answers)
    try compare(json["events"]?.recorded(dialect)?.elements ?? [], cache.events)
  }

  private static func names(_ json: JSON?) -> [String] {
    json?.string.map { [$0] } ?? json?.elements?.compactMap(\.string) ?? []
  }

  private func compare(_ recorded: [JSON], _ events: [RecordingCache.Event]) throws {
    let expected = recorded.map { Self.event($0) }
    guard expected != events else { return }
    let index = zip(expected, events).enumerated().first { $1.0 != $1.1 }?.offset
    let place = index ?? Swift.min(expected.count, events.count)
    let show = { (list: [RecordingCache.Event]) in
      place < list.count ? "\(list[place])" : "nothing"
    }
    throw ReplayFailure("events/\(place): expected \(show(expected)), got \(show(events))")
  }

  /// A recorded event. On SQLite the recorded keys carry a prefix, which is no part of the contract.
  private static func event(_ json: JSON) -> RecordingCache.Event {
    if let step = json["step"]?.int { return .init(kind: "step \(step)") }
    guard let member = json.members?.first else { return .init(kind: "?") }
    let body = member.value
    var event = RecordingCache.Event(kind: member.key)
    let key = body["key"]?.string ?? ""
    event.key = key.hasPrefix("all_") ? String(key.dropFirst(4)) : key
    event.tables = names(body["tables"])
    event.tags = names(body["tags"])
    event.isTag = body["isTag"]?.bool ?? false
    if member.key == "get" {
      event.autoInvalidate = body["autoInvalidate"]?.bool ?? true
      event.detail = body["hit"]?.bool == true ? "hit" : "miss"
    } else if member.key == "put" {
      let lifetime = body["config"]?["ex"]?.int.map { " for \($0)" } ?? ""
      event.detail = "\(body["rows"]?.int ?? 0)\(lifetime)"
    }
    return event
  }
}
