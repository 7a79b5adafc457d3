/// Runs a ``PatternProgram`` over UTF-8 by backtracking, with a bound on its steps as PCRE has one.
struct PatternMachine {
  /// Where to go on after a failure.
  private enum Choice {
    case resume(Int, Int)
    /// A run of characters that may give one back: the least and the current end.
    case giveBack(Int, least: Int, end: Int)
    /// A lazy run that may take one more, up to a count.
    case takeMore(Int, end: Int, left: Int?)
    case restoreSlot(Int, Int)
    case restoreRound(Int, Int)
  }

  private let program: PatternProgram
  private var slots: [Int]
  private var rounds: [Int]
  private var steps = 0
  /// PCRE's default limit on calls of its inner match function.
  private static let stepLimit = 10_000_000

  /// A machine for a program.
  init(_ program: PatternProgram) {
    self.program = program
    slots = Array(repeating: -1, count: 2 * (program.captures + 1))
    rounds = Array(repeating: -1, count: program.rounds)
  }

  /// After a successful search: the whole match and the groups, in bytes.
  var ranges: [Range<Int>?] {
    (0...program.captures).map { index in
      slots[2 * index] < 0 || slots[2 * index + 1] < 0
        ? nil : slots[2 * index]..<slots[2 * index + 1]
    }
  }

  /// Looks for the first match at or after a position.
  mutating func search(_ text: Span<UInt8>, from start: Int) -> Bool {
    var position = start
    while position <= text.count {
      if let byte = program.firstByte {
        while position < text.count, text[position] != byte { position += 1 }
        if position == text.count { return false }
      }
      for index in slots.indices { slots[index] = -1 }
      slots[0] = position
      if let end = run(text, 0, position, mustEndAt: nil) {
        slots[1] = end
        return true
      }
      if program.isAnchored || steps > Self.stepLimit { return false }
      position = Self.next(text, position)
    }
    return false
  }

  /// Where a run stands.
  private struct Walk {
    var counter: Int
    var position: Int
    var choices: [Choice] = []
  }

  /// Runs from an instruction up to the next `accept`; answers where in the text that was.
  private mutating func run(
    _ text: Span<UInt8>, _ start: Int, _ from: Int, mustEndAt wanted: Int?
  ) -> Int? {
    var walk = Walk(counter: start, position: from)
    while true {
      steps += 1
      if steps > Self.stepLimit { return nil }
      let isFine: Bool
      if case .accept = program.instructions[walk.counter] {
        if wanted == nil || wanted == walk.position { return walk.position }
        isFine = false
      } else {
        isFine = step(text, &walk)
      }
      if !isFine, !backtrack(text, &walk) { return nil }
    }
  }

  /// Carries out one instruction and goes to the next; false where it does not match.
  private mutating func step(_ text: Span<UInt8>, _ walk: inout Walk) -> Bool {
    var isFine = true
    var next = walk.counter + 1
    switch program.instructions[walk.counter] {
    case .character(let character): isFine = Self.take(character, text, &walk.position)
    case .split(let first, let second):
      walk.choices.append(.resume(second, walk.position))
      next = first
    case .jump(let target): next = target
    case .save(let slot):
      walk.choices.append(.restoreSlot(slot, slots[slot]))
      slots[slot] = walk.position
    case .place(let place): isFine = Self.holds(place, text, walk.position)
    case .reference(let index, let ignoringCase):
      isFine = takeReference(index, ignoringCase, text, &walk.position)
    case .begin(let round):
      walk.choices.append(.restoreRound(round, rounds[round]))
      rounds[round] = walk.position
    case .progress(let round): isFine = rounds[round] != walk.position
    case .look(let isAhead, let isNegative, let end):
      isFine = looks(isAhead, text, next, walk.position) != isNegative
      next = end
    case .atomic(let end):
      let after = run(text, next, walk.position, mustEndAt: nil)
      isFine = after != nil
      walk.position = after ?? walk.position
      next = end
    case .run(let character, let low, let high, let greed):
      isFine = take(character, low, high, greed, text, &walk)
    case .accept: break
    }
    walk.counter = next
    return isFine
  }

  /// Undoes what was done since the last choice and takes its other side; false without one.
  private mutating func backtrack(_ text: Span<UInt8>, _ walk: inout Walk) -> Bool {
    while let choice = walk.choices.popLast() {
      switch choice {
      case .restoreSlot(let slot, let value): slots[slot] = value
      case .restoreRound(let round, let value): rounds[round] = value
      case .resume(let target, let place):
        walk.counter = target
        walk.position = place
        return true
      case .giveBack(let target, let least, let end):
        guard end > least else { continue }
        let before = Self.previous(text, end)
        if before > least { walk.choices.append(.giveBack(target, least: least, end: before)) }
        walk.counter = target
        walk.position = before
        return true
      case .takeMore(let target, let end, let left):
        guard left != 0, case .run(let character, _, _, _) = program.instructions[target - 1]
        else { continue }
        var next = end
        guard Self.take(character, text, &next) else { continue }
        walk.choices.append(.takeMore(target, end: next, left: left.map { $0 - 1 }))
        walk.counter = target
        walk.position = next
        return true
      }
    }
    return false
  }

  private mutating func looks(
    _ isAhead: Bool, _ text: Span<UInt8>, _ start: Int, _ position: Int
  ) -> Bool {
    isAhead
      ? run(text, start, position, mustEndAt: nil) != nil : looksBehind(text, start, position)
  }

  private mutating func looksBehind(_ text: Span<UInt8>, _ start: Int, _ position: Int) -> Bool {
    var from = position
    while true {
      if run(text, start, from, mustEndAt: position) != nil { return true }
      if from == 0 || steps > Self.stepLimit { return false }
      from = Self.previous(text, from)
    }
  }

  private func take(
    _ character: PatternCharacter, _ low: Int, _ high: Int?, _ greed: PatternNode.Greed,
    _ text: Span<UInt8>, _ walk: inout Walk
  ) -> Bool {
    for _ in 0..<low where !Self.take(character, text, &walk.position) { return false }
    let more = high.map { $0 - low }
    let target = walk.counter + 1
    if greed == .lazy {
      walk.choices.append(.takeMore(target, end: walk.position, left: more))
      return true
    }
    let least = walk.position
    var left = more ?? Int.max
    while left > 0, Self.take(character, text, &walk.position) { left -= 1 }
    if greed == .greedy, walk.position > least {
      walk.choices.append(.giveBack(target, least: least, end: walk.position))
    }
    return true
  }

  private func takeReference(
    _ index: Int, _ ignoringCase: Bool, _ text: Span<UInt8>, _ position: inout Int
  ) -> Bool {
    let start = slots[2 * index]
    let end = slots[2 * index + 1]
    // A group that took no part does not match.
    guard start >= 0, end >= 0 else { return false }
    var at = start
    while at < end {
      guard position < text.count else { return false }
      let wanted = Self.scalar(text, &at)
      let found = Self.scalar(text, &position)
      let isSame =
        ignoringCase
        ? PatternSet.fold(wanted) == PatternSet.fold(found) : wanted == found
      if !isSame { return false }
    }
    return true
  }
}

extension PatternMachine {
  /// Takes one character where it is meant.
  private static func take(
    _ character: PatternCharacter, _ text: Span<UInt8>, _ position: inout Int
  ) -> Bool {
    guard position < text.count else { return false }
    var next = position
    guard character.contains(scalar(text, &next)) else { return false }
    position = next
    return true
  }

  /// Decodes the character at a position of valid UTF-8 and moves behind it.
  private static func scalar(_ text: Span<UInt8>, _ position: inout Int) -> UInt32 {
    let first = UInt32(text[position])
    position += 1
    if first < 0x80 { return first }
    var value = first < 0xE0 ? first & 0x1F : first < 0xF0 ? first & 0x0F : first & 0x07
    while position < text.count, text[position] & 0xC0 == 0x80 {
      value = value << 6 | UInt32(text[position] & 0x3F)
      position += 1
    }
    return value
  }

  private static func next(_ text: Span<UInt8>, _ position: Int) -> Int {
    var next = position + 1
    while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
    return next
  }

  private static func previous(_ text: Span<UInt8>, _ position: Int) -> Int {
    var before = position - 1
    while before > 0, text[before] & 0xC0 == 0x80 { before -= 1 }
    return before
  }

  private static func holds(
    _ place: PatternNode.Place, _ text: Span<UInt8>, _ position: Int
  ) -> Bool {
    let end = text.count
    switch place {
    case .start: return position == 0
    case .end: return position == end
    case .endOrFinalNewline:
      return position == end || position == end - 1 && text[position] == 10
    case .lineStart: return position == 0 || position < end && text[position - 1] == 10
    case .lineEnd: return position == end || text[position] == 10
    case .wordBoundary, .notWordBoundary:
      let before = position > 0 && PatternSet.isWord(UInt32(text[position - 1]))
      let after = position < end && PatternSet.isWord(UInt32(text[position]))
      return (before != after) == (place == .wordBoundary)
    }
  }
}
