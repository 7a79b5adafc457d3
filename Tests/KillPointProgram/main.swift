import Foundation
import PrivataCompliance
import PrivataCore
import PrivataSQLite
import TestSupport

// Runs one operation over two SQLite files; the environment says where it is to be killed:
//   KillPointProgram <folder> fill|insert|update|delete|transaction|erase|append|check
//   KillPointProgram <folder> dossier …, as ErasureProgram says

guard CommandLine.arguments.count > 2 else { exit(2) }
let folder = CommandLine.arguments[1]
let program = KillPointSteps(folder: folder)
do {
  if CommandLine.arguments[2] == "dossier" {
    let arguments = Array(CommandLine.arguments.dropFirst(3))
    guard let dossier = ErasureProgram(folder, arguments) else { exit(2) }
    print(try await dossier.run(Array(arguments.dropFirst(2))))
  } else {
    print(try await program.run(CommandLine.arguments[2]))
  }
} catch {
  print("error \(error)")
  exit(1)
}
