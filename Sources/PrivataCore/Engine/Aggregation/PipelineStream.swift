/// The first stages of a pipeline over records that come in pieces, up to the one that makes few of
/// many: `$group`, `$count`, `$sort` before `$limit`, `$limit`. What is kept is bounded by their
/// results, not by the records.
///
/// ```swift
/// guard var stream = try PipelineStream(stages, scope) else { … }  // nothing makes less of it
/// while let piece = try await next(), try stream.take(piece) {}
/// let results = try await rest(stream.finish())
/// ```
struct PipelineStream {
  private enum Gathering {
    case group(GroupRun)
    case count(String, Int)
    case first(Int, DocumentSorter, [Document])
    case all([Document])
  }

  /// The stages after those that the stream does.
  let rest: ArraySlice<PipelineStage>

  private var steps: PipelineSteps
  private var gathering: Gathering

  /// `nil` where no stage makes less of the records before one needs them all.
  init?(_ stages: [PipelineStage], _ scope: PipelineScope) throws(PrivataError) {
    let end = stages.firstIndex { !$0.isLocal } ?? stages.count
    let hasLimit = stages[..<end].contains { if case .limit = $0 { true } else { false } }
    var used = end
    var gathering: Gathering?
    if end < stages.count {
      switch stages[end] {
      case .group(let stage):
        gathering = .group(GroupRun(stage, scope))
        used += 1
      case .count(let name):
        gathering = .count(name, 0)
        used += 1
      case .sort(let keys, let collation):
        // The limit stays a stage of the rest; `$skip` before it needs its rows too.
        guard let most = Self.bound(stages[(end + 1)...]) else { break }
        gathering = .first(most, try DocumentSorter(keys, collation: collation), [])
        used += 1
      default: break
      }
    }
    guard let gathering = gathering ?? (hasLimit ? .all([]) : nil) else { return nil }
    steps = PipelineSteps(Array(stages[..<end]), scope)
    rest = stages[used...]
    self.gathering = gathering
  }

  /// How many rows of an order the stages behind it look at.
  private static func bound(_ stages: ArraySlice<PipelineStage>) -> Int? {
    var skipped = 0
    for stage in stages {
      switch stage {
      case .skip(let count): skipped += count
      case .limit(let count): return skipped + count
      default: return nil
      }
    }
    return nil
  }

  /// Takes the next records; false once no more are needed.
  mutating func take(_ documents: [Document]) throws(PrivataError) -> Bool {
    let (current, wantsMore) = try steps.take(documents)
    try gather(current)
    return wantsMore
  }

  private mutating func gather(_ documents: [Document]) throws(PrivataError) {
    switch gathering {
    case .group(var run):
      gathering = .all([])
      for document in documents { try run.add(document) }
      gathering = .group(run)
    case .count(let name, let count): gathering = .count(name, count + documents.count)
    case .first(let most, let sorter, var kept):
      gathering = .all([])
      kept += documents
      // Sorted in lumps: a stable order of what is kept and what is new.
      if kept.count > max(2 * most, 1024) { kept = Array(try sorter.sorted(kept).prefix(most)) }
      gathering = .first(most, sorter, kept)
    case .all(var kept):
      gathering = .all([])
      kept += documents
      gathering = .all(kept)
    }
  }

  /// What the stream's stages answer.
  func finish() throws(PrivataError) -> [Document] {
    switch gathering {
    case .group(let run): run.results
    case .count(let name, let count): PipelineStage.counted(count, name)
    case .first(let most, let sorter, let kept): Array(try sorter.sorted(kept).prefix(most))
    case .all(let kept): kept
    }
  }
}

extension PipelineStage {
  /// True for a stage that looks at one document at a time.
  var isLocal: Bool {
    switch self {
    case .match, .transform, .unwind, .redact, .skip, .limit: true
    default: false
    }
  }
}
