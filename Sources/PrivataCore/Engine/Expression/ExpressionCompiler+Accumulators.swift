extension ExpressionCompiler {
  /// Accumulators as expressions: over the elements of one array, or over several operands.
  static let accumulatorOperators: [String: Operator] = [
    "$sum": over { .sum(Total()) }, "$avg": over { .average(Total()) },
    "$min": over { .least(nil) }, "$max": over { .greatest(nil) },
    "$stdDevPop": over { .deviation(Deviation(), isSample: false) },
    "$stdDevSamp": over { .deviation(Deviation(), isSample: true) },
  ]

  private static func over(_ make: @escaping @Sendable () -> Accumulator) -> Operator {
    variadic(0...Int.max) { (operands, context) throws(PrivataError) in
      var values = operands
      if operands.count == 1, case .array(let items)? = operands[0] { values = items }
      var accumulator = make()
      for value in values { try accumulator.add(value, context.order) }
      return accumulator.result(context.order)
    }
  }
}
