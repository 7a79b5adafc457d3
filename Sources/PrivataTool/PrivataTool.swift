internal import ArgumentParser
internal import PrivataCommands

/// The program `privata`: the commands of `PrivataCommands` over the models that vaults recorded.
@main
struct PrivataTool {
  static func main() async { await PrivataCommand.main() }
}
