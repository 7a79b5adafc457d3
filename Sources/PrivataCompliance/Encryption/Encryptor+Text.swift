package import PrivataCore

extension Encryptor where Sealed == Envelope {
  /// Seals a text: `pv1.` and the envelope in letters that any place for text takes.
  ///
  /// ```swift
  /// let sealed = try encryptor.encrypt("Ada")   // pv1.5wE…
  /// let text = try encryptor.decrypt(sealed)    // Ada
  /// ```
  package func encrypt(_ text: String) throws(PrivataError) -> String {
    try seal(Array(text.utf8).span).text
  }

  /// Opens a text that ``encrypt(_:)`` sealed with the same key for the same place.
  ///
  /// - Throws: `tampered` where it was changed, cut, is no envelope, belongs to another place or
  ///   holds no text.
  package func decrypt(_ sealed: String) throws(PrivataError) -> String {
    let bytes = try open(try Envelope(text: sealed))
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PrivataError(.tampered, "what was sealed is no text")
    }
    return text
  }
}
