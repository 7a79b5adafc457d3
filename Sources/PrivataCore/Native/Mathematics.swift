#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The C library's functions on doubles, by the names that MongoDB's expressions give them.
enum Mathematics {
  /// Functions of one number: `$sqrt`, `$sin`…
  static let unary: [String: @Sendable (Double) -> Double] = [
    "$exp": { exp($0) }, "$ln": { log($0) }, "$log10": { log10($0) }, "$sqrt": { $0.squareRoot() },
    "$sin": { sin($0) }, "$cos": { cos($0) }, "$tan": { tan($0) }, "$asin": { asin($0) },
    "$acos": { acos($0) }, "$atan": { atan($0) }, "$sinh": { sinh($0) }, "$cosh": { cosh($0) },
    "$tanh": { tanh($0) }, "$asinh": { asinh($0) }, "$acosh": { acosh($0) },
    "$atanh": { atanh($0) }, "$degreesToRadians": { $0 * (Double.pi / 180) },
    "$radiansToDegrees": { $0 * (180 / Double.pi) },
  ]

  static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  static func arcTangent(_ y: Double, _ x: Double) -> Double { atan2(y, x) }

  static func naturalLogarithm(_ value: Double) -> Double { log(value) }
}
