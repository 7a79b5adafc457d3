/// The rows of a pipeline whose stages look at one document at a time: each piece of the store's rows
/// goes through all stages before the next is read.
actor AggregationStream: RowStream {
  private let rows: any RowStream
  private var steps: PipelineSteps
  private let scope: PipelineScope
  private var isOver = false

  init(_ rows: any RowStream, _ steps: PipelineSteps, _ scope: PipelineScope) {
    self.rows = rows
    self.steps = steps
    self.scope = scope
  }

  func next() async throws(PrivataError) -> RowBatch? {
    while !isOver {
      do throws(PrivataError) {
        try scope.check()
        guard let piece = try await rows.next() else {
          isOver = true
          return nil
        }
        let (documents, wantsMore) = try steps.take(piece.documents)
        if !wantsMore { await close() }
        if !documents.isEmpty { return RowBatch(documents: documents) }
      } catch {
        await close()
        throw error
      }
    }
    return nil
  }

  func close() async {
    isOver = true
    await rows.close()
  }
}

/// Stages that look at one document at a time, over records that come in pieces.
struct PipelineSteps: Sendable {
  private let stages: [PipelineStage]
  private let scope: PipelineScope
  /// What `$skip` and `$limit` have left, by their position.
  private var left: [Int]

  init(_ stages: [PipelineStage], _ scope: PipelineScope) {
    self.stages = stages
    self.scope = scope
    left = stages.map { stage in
      switch stage {
      case .skip(let count), .limit(let count): count
      default: 0
      }
    }
  }

  /// What the stages make of the next records, and whether more are needed.
  mutating func take(
    _ documents: [Document]
  ) throws(PrivataError) -> (documents: [Document], wantsMore: Bool) {
    var current = documents
    var wantsMore = true
    for (index, stage) in stages.enumerated() {
      switch stage {
      case .skip:
        let count = min(left[index], current.count)
        left[index] -= count
        current.removeFirst(count)
      case .limit:
        current = Array(current.prefix(left[index]))
        left[index] -= current.count
        if left[index] == 0 { wantsMore = false }
      default: current = try stage.apply(current, scope)
      }
    }
    return (current, wantsMore)
  }
}

extension RowBatch {
  /// Rows of the layout of documents.
  init(documents: [Document]) {
    self.init(width: 1)
    reserve(rows: documents.count)
    for document in documents { append(.document(document)) }
  }
}
