import Foundation
import Testing

/// Tokens of SoftHSM2 for this process, each with the PIN `1234`. Made before the module starts,
/// which reads its tokens then alone.
enum Tokens {
  static let names = ["wrap", "turn", "pin", "absent", "lost", "gone", "vault", "copied"]
  static let module =
    [
      "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
      "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
      "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ].first { FileManager.default.fileExists(atPath: $0) } ?? "/no/libsofthsm2.so"

  /// The folder with one folder for each token.
  static let folder: String = {
    let folder = FileManager.default.temporaryDirectory.appending(path: "privata-\(UUID())").path
    let tokens = folder + "/tokens"
    try? FileManager.default.createDirectory(atPath: tokens, withIntermediateDirectories: true)
    let configuration = "directories.tokendir = \(tokens)\nlog.level = ERROR\n"
    try? Data(configuration.utf8).write(to: URL(filePath: folder + "/softhsm2.conf"))
    setenv("SOFTHSM2_CONF", folder + "/softhsm2.conf", 1)
    for name in names {
      let tool = Process()
      tool.executableURL = URL(filePath: "/usr/bin/env")
      tool.arguments = [
        "softhsm2-util", "--init-token", "--free", "--label", name, "--pin", "1234", "--so-pin",
        "5678",
      ]
      tool.standardOutput = FileHandle.nullDevice
      try? tool.run()
      tool.waitUntilExit()
    }
    return tokens
  }()
}
