internal import PrivataCore
internal import Synchronization

/// A token, found by its label, and the session with it.
final class PKCS11Token: Sendable {
  private struct State {
    var session: PKCS11Session?
    /// Why the PIN was refused: it is not tried again.
    var refusal: PrivataError?
  }

  private let module: PKCS11Module
  private let label: String
  private let pin: String
  private let state = Mutex(State())

  init(_ module: PKCS11Module, label: String, pin: String) {
    self.module = module
    self.label = label
    self.pin = pin
  }

  deinit { state.withLock { $0.session?.close() } }

  /// Runs calls in the session; once more in a new one where it was lost.
  func connected<R: Sendable>(
    _ body: (PKCS11Session) throws(PKCS11Failure) -> R
  ) throws(PrivataError) -> R {
    let result: Result<R, PKCS11Failure> = state.withLock { state in
      do throws(PKCS11Failure) {
        return .success(try attempt(&state, body))
      } catch {
        guard error.isSessionLost else { return .failure(error) }
        state.session?.close()
        state.session = nil
      }
      do throws(PKCS11Failure) {
        return .success(try attempt(&state, body))
      } catch {
        return .failure(error)
      }
    }
    do throws(PKCS11Failure) { return try result.get() } catch { throw error.error }
  }

  private func attempt<R: Sendable>(
    _ state: inout State, _ body: (PKCS11Session) throws(PKCS11Failure) -> R
  ) throws(PKCS11Failure) -> R {
    if let refusal = state.refusal { throw PKCS11Failure(refusal) }
    if let session = state.session { return try body(session) }
    let session = try module.session(onTokenOf: label)
    do throws(PKCS11Failure) {
      try session.login(pin)
    } catch {
      session.close()
      if !error.isSessionLost { state.refusal = error.error }
      throw error
    }
    state.session = session
    return try body(session)
  }
}
