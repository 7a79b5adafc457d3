#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A place between two steps at which tests end the process, to prove that the next start finishes
/// or undoes what was open. In release builds it is nothing.
enum KillPoint {
  #if DEBUG
    private static let wanted = getenv("PRIVATA_KILL_POINT").map { String(cString: $0) }
  #endif

  /// Ends the process by SIGKILL where the environment asks for this place.
  @inline(__always)
  static func reached(_ name: StaticString) {
    #if DEBUG
      if let wanted, wanted == "\(name)" { kill(getpid(), SIGKILL) }
    #endif
  }
}
