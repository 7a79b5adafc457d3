import MongoStyle
import PrivataCore
import ReplayKit

/// Options of `toObject` and `toJSON`.
enum ObjectFormReader {
  static func form(_ options: Document) throws -> ObjectForm {
    var form = ObjectForm()
    for element in options.elements { try apply(element.key, element.value, to: &form) }
    return form
  }

  private static func apply(_ name: String, _ value: Value, to form: inout ObjectForm) throws {
    let flag = value.asBool
    switch name {
    case "virtuals": form.virtuals = virtuals(value)
    case "getters": form.getters = flag
    case "aliases": form.aliases = flag
    case "minimize": form.minimize = flag
    case "depopulate": form.depopulate = flag
    case "versionKey": form.versionKey = flag
    case "flattenMaps": form.flattenMaps = flag
    case "flattenObjectIds": form.flattenObjectIDs = flag
    case "flattenUUIDs": form.flattenUUIDs = flag
    case "useProjection": form.useProjection = flag
    case "schemaFieldsOnly": form.schemaFieldsOnly = flag
    case "transform":
      if let name = value.asString {
        form.transform = try NamedFunctions.transform(name)
      } else {
        form.transforms = flag
      }
    default: throw ReplayFailure("no option '\(name)' of toObject")
    }
  }

  private static func virtuals(_ value: Value) -> ObjectForm.Virtuals? {
    switch value {
    case .array(let names): .only(names.compactMap(\.asString))
    case .document(let choice):
      .except(choice["pathsToSkip"]?.asArray?.compactMap(\.asString) ?? [])
    case .bool(let isOn): isOn ? .all : ObjectForm.Virtuals.none
    default: nil
    }
  }
}
