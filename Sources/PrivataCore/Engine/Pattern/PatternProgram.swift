/// A pattern as instructions for ``PatternMachine``.
struct PatternProgram: Sendable {
  enum Instruction: Sendable {
    case character(PatternCharacter)
    /// Goes on at the first, and at the second where that fails.
    case split(Int, Int)
    case jump(Int)
    case save(Int)
    case place(PatternNode.Place)
    case reference(Int, ignoringCase: Bool)
    /// Runs up to `accept` as a program of its own, then goes on at `end`.
    case look(isAhead: Bool, isNegative: Bool, end: Int)
    case atomic(end: Int)
    /// One character again and again.
    case run(PatternCharacter, Int, Int?, PatternNode.Greed)
    /// Remembers where a round of a loop began; the round fails where it took nothing.
    case begin(Int)
    case progress(Int)
    case accept
  }

  private(set) var instructions: [Instruction] = []
  let captures: Int
  let names: [String: Int]
  private(set) var rounds = 0
  /// True where a match can only start at the text's beginning.
  private(set) var isAnchored = false
  /// The first byte of every match, where there is just one.
  private(set) var firstByte: UInt8?

  /// The program of a parsed pattern.
  init(_ node: PatternNode, captures: Int, names: [String: Int]) throws(PrivataError) {
    self.captures = captures
    self.names = names
    try emit(node)
    instructions.append(.accept)
    isAnchored = Self.isAnchored(node)
    firstByte = Self.firstByte(node)
  }

  private mutating func emit(_ node: PatternNode) throws(PrivataError) {
    // PCRE refuses compiled patterns beyond 64 KiB.
    guard instructions.count < 65_536 else {
      throw PatternParser.invalid("regular expression is too large", 0)
    }
    switch node {
    case .empty: break
    case .character(let character): instructions.append(.character(character))
    case .sequence(let nodes): for node in nodes { try emit(node) }
    case .alternatives(let nodes): try emit(alternatives: nodes[...])
    case .capture(let index, let inner):
      instructions.append(.save(2 * index))
      try emit(inner)
      instructions.append(.save(2 * index + 1))
    case .repeated(.character(let character), let low, let high, let greed):
      instructions.append(.run(character, low, high, greed))
    case .repeated(let inner, let low, let high, .possessive):
      try emit(.atomic(.repeated(inner, low, high, .greedy)))
    case .repeated(let inner, let low, let high, let greed):
      try emit(repeated: inner, low, high, isLazy: greed == .lazy)
    case .keep: instructions.append(.save(0))
    case .place(let place): instructions.append(.place(place))
    case .reference(let index, let ignoringCase):
      guard index <= captures else {
        throw PatternParser.invalid("reference to non-existent subpattern", 0)
      }
      instructions.append(.reference(index, ignoringCase: ignoringCase))
    case .look(let inner, let isAhead, let isNegative):
      try emit(inner) { .look(isAhead: isAhead, isNegative: isNegative, end: $0) }
    case .atomic(let inner): try emit(inner) { .atomic(end: $0) }
    }
  }

  private mutating func emit(
    _ inner: PatternNode, under make: (Int) -> Instruction
  ) throws(PrivataError) {
    let start = instructions.count
    instructions.append(.accept)
    try emit(inner)
    instructions.append(.accept)
    instructions[start] = make(instructions.count)
  }

  private mutating func emit(alternatives nodes: ArraySlice<PatternNode>) throws(PrivataError) {
    guard let first = nodes.first else { return }
    guard nodes.count > 1 else { return try emit(first) }
    let split = instructions.count
    instructions.append(.accept)
    try emit(first)
    let jump = instructions.count
    instructions.append(.accept)
    instructions[split] = .split(split + 1, instructions.count)
    try emit(alternatives: nodes.dropFirst())
    instructions[jump] = .jump(instructions.count)
  }

  private mutating func emit(
    repeated inner: PatternNode, _ low: Int, _ high: Int?, isLazy: Bool
  ) throws(PrivataError) {
    for _ in 0..<low {
      let before = instructions.count
      try emit(inner)
      // Nothing again and again is nothing: nested counts would take for ever.
      if instructions.count == before { return }
    }
    guard let high else { return try emit(loop: inner, isLazy: isLazy) }
    var splits: [Int] = []
    for _ in low..<max(low, high) {
      splits.append(instructions.count)
      instructions.append(.accept)
      try emit(inner)
    }
    let end = instructions.count
    for split in splits {
      instructions[split] = isLazy ? .split(end, split + 1) : .split(split + 1, end)
    }
  }

  private mutating func emit(loop inner: PatternNode, isLazy: Bool) throws(PrivataError) {
    let round = rounds
    rounds += 1
    let split = instructions.count
    instructions.append(.accept)
    instructions.append(.begin(round))
    try emit(inner)
    instructions.append(.progress(round))
    instructions.append(.jump(split))
    let end = instructions.count
    instructions[split] = isLazy ? .split(end, split + 1) : .split(split + 1, end)
  }

  private static func isAnchored(_ node: PatternNode) -> Bool {
    switch node {
    case .place(.start): true
    case .sequence(let nodes): nodes.first.map(isAnchored) ?? false
    case .capture(_, let inner), .atomic(let inner): isAnchored(inner)
    case .alternatives(let nodes): nodes.allSatisfy(isAnchored)
    default: false
    }
  }

  private static func firstByte(_ node: PatternNode) -> UInt8? {
    switch node {
    case .character(.scalar(let scalar)): Unicode.Scalar(scalar).flatMap { UTF8.encode($0)?.first }
    case .sequence(let nodes): nodes.first.flatMap(firstByte)
    case .capture(_, let inner), .atomic(let inner): firstByte(inner)
    case .repeated(let inner, let low, _, _) where low > 0: firstByte(inner)
    default: nil
    }
  }
}
