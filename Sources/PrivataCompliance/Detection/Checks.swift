/// The forms and check digits of what identifies people.
enum Checks {
  static func isEmail(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), !parts[1].hasPrefix("."),
      !parts[1].hasSuffix(".")
    else { return false }
    return text.allSatisfy { $0.isLetter || $0.isNumber || "@._%+-".contains($0) }
  }

  /// With its dashes only: nine digits alone are any number.
  ///
  /// Source: Social Security Administration, numbers that are never given.
  static func isSocialSecurity(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [3, 2, 4], parts.allSatisfy({ $0.allSatisfy(isDigit) }) else {
      return false
    }
    return parts[0] != "000" && parts[0] != "666" && parts[0] < "900" && parts[1] != "00"
      && parts[2] != "0000"
  }

  /// Source: ISO 13616, remainder 1 by 97.
  static func isIBAN(_ text: String) -> Bool {
    let plain = text.filter { $0 != " " }.uppercased()
    guard (15...34).contains(plain.count),
      plain.prefix(2).allSatisfy({ $0.isLetter && $0.isASCII }),
      plain.dropFirst(2).prefix(2).allSatisfy(isDigit)
    else { return false }
    var remainder = 0
    for character in plain.dropFirst(4) + plain.prefix(4) {
      guard let number = character.hexOrLetter else { return false }
      remainder = (remainder * (number > 9 ? 100 : 10) + number) % 97
    }
    return remainder == 1
  }

  /// Source: ISO/IEC 7812, the formula of Luhn; 13 to 19 digits that begin as cards do.
  static func isCard(_ text: String) -> Bool {
    let digits = numbers(text, separators: " -")
    guard let digits, (13...19).contains(digits.count), (3...6).contains(digits[0]) else {
      return false
    }
    return luhn(digits)
  }

  /// With a plus or separators, as no plain number has.
  static func isPhone(_ text: String) -> Bool {
    let digits = text.filter(isDigit)
    guard (7...15).contains(digits.count), digits.count < text.count,
      text.allSatisfy({ isDigit($0) || "+ -()/.".contains($0) })
    else { return false }
    // Dates and versions have separators too.
    let groups = text.split { !isDigit($0) }
    if groups.map(\.count) == [3, 2, 4] { return false }
    let isDate = groups.count >= 3 && groups.contains { $0.count == 4 } && digits.count == 8
    return !isDate && (text.hasPrefix("+") || text.contains("-") || text.contains(" "))
      && !text.contains(".")
  }

  static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        part.allSatisfy(isDigit) && (1...3).contains(part.count) && (Int(part) ?? 256) < 256
      }
  }

  /// Numbers that states give to people and that check themselves in more than one digit, or in form.
  static func isNationalID(_ text: String) -> Bool {
    isFiscalCode(text) || isCPF(text) || isPESEL(text) || isFinnish(text)
  }

  /// Brazil's CPF, with its separators: two check digits.
  private static func isCPF(_ text: String) -> Bool {
    guard text.contains("-"), text.contains("."), let digits = numbers(text, separators: ".-"),
      digits.count == 11, Set(digits).count > 1
    else { return false }
    for length in [9, 10] {
      let sum = (0..<length).reduce(0) { $0 + digits[$1] * (length + 1 - $1) }
      guard (sum * 10 % 11) % 10 == digits[length] else { return false }
    }
    return true
  }

  /// Poland's PESEL: a date of birth and a check digit.
  private static func isPESEL(_ text: String) -> Bool {
    guard text.count == 11, let digits = numbers(text, separators: "") else { return false }
    let month = (digits[2] * 10 + digits[3]) % 20
    let day = digits[4] * 10 + digits[5]
    guard (1...12).contains(month), (1...31).contains(day) else { return false }
    let weights = [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]
    let sum = zip(weights, digits).reduce(0) { $0 + $1.0 * $1.1 }
    return (10 - sum % 10) % 10 == digits[10]
  }

  /// Finland's number: a date, a sign of the century, a letter that checks.
  private static func isFinnish(_ text: String) -> Bool {
    let characters = Array(text.uppercased())
    guard characters.count == 11, "+-A".contains(characters[6]),
      let number = Int(String(characters[0..<6] + characters[7..<10]))
    else { return false }
    return Array("0123456789ABCDEFHJKLMNPRSTUVWXY")[number % 31] == characters[10]
  }

  /// Italy's code: letters and digits in their places, and a letter that checks.
  private static func isFiscalCode(_ text: String) -> Bool {
    let characters = Array(text.uppercased())
    guard characters.count == 16 else { return false }
    let digits: Set<Int> = [6, 7, 9, 10, 12, 13, 14]
    for (index, character) in characters.enumerated() {
      let isRight = digits.contains(index) ? isDigit(character) : character.isASCIILetter
      if !isRight { return false }
    }
    let odd = [
      1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ]
    var sum = 0
    for (index, character) in characters.prefix(15).enumerated() {
      guard let number = character.hexOrLetter else { return false }
      let place = number > 9 ? number - 10 : number
      sum += index.isMultiple(of: 2) ? odd[place] : place
    }
    return characters[15].hexOrLetter.map { $0 - 10 == sum % 26 } ?? false
  }

  // MARK: - Digits

  static func luhn(_ digits: [Int]) -> Bool {
    var sum = 0
    for (index, digit) in digits.reversed().enumerated() {
      let value = index.isMultiple(of: 2) ? digit : digit * 2
      sum += value > 9 ? value - 9 : value
    }
    return sum.isMultiple(of: 10)
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }

  /// The digits of a text that has nothing else but separators.
  private static func numbers(_ text: String, separators: String) -> [Int]? {
    var digits: [Int] = []
    for character in text where !separators.contains(character) {
      guard isDigit(character), let digit = character.wholeNumberValue else { return nil }
      digits.append(digit)
    }
    return digits
  }
}

extension Character {
  /// 0 to 9 for digits, 10 to 35 for letters.
  fileprivate var hexOrLetter: Int? {
    guard let value = asciiValue else { return nil }
    switch value {
    case 0x30...0x39: return Int(value) - 0x30
    case 0x41...0x5A: return Int(value) - 0x41 + 10
    default: return nil
    }
  }

  fileprivate var isASCIILetter: Bool { isASCII && isLetter }
}
