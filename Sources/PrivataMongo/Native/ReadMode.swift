internal import CMongo
import PrivataCore

extension Command {
  /// libmongoc's number of a read preference; 0 where nothing is said.
  ///
  /// - Throws: `badArgument` for a name that MongoDB does not know.
  static func readMode(_ name: String?) throws(PrivataError) -> Int32 {
    switch name {
    case nil: return 0
    case "primary", "p": return Int32(MONGOC_READ_PRIMARY.rawValue)
    case "primaryPreferred", "pp": return Int32(MONGOC_READ_PRIMARY_PREFERRED.rawValue)
    case "secondary", "s": return Int32(MONGOC_READ_SECONDARY.rawValue)
    case "secondaryPreferred", "sp": return Int32(MONGOC_READ_SECONDARY_PREFERRED.rawValue)
    case "nearest", "n": return Int32(MONGOC_READ_NEAREST.rawValue)
    default: throw PrivataError(.badArgument, "MongoDB has no such read preference")
    }
  }
}
