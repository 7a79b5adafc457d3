import MongoStyle

/// The clinic's models. The marks `.pii` and `.phi` are all that privacy asks of a schema; a plain
/// connection passes them over.
enum Schemas {
  static let patient = Schema([
    "_id": .uuid,
    "firstName": .string(.required, .pii),
    "lastName": .string(.required, .pii),
    "maidenName": .string(.pii),
    "prefix": .string(.pii),
    "ssn": .string(.pii),
    "driversLicense": .string(.pii),
    "passport": .string(.pii),
    "birthDate": .date(.pii),
    "birthPlace": .string(.pii),
    "address": .string(.pii),
    "zip": .string(.pii),
    "city": .string,
    "county": .string,
    "state": .string,
    "gender": .string,
    "maritalStatus": .string,
    "deathDate": .date(.phi),
    "expenses": .number(.phi),
    "coverage": .number(.phi),
  ])

  static let condition = Schema([
    "patient": .uuid(.ref("Patient")),
    "encounter": .uuid(.phi),
    "code": .string(.phi),
    "description": .string(.phi),
    "start": .date(.phi),
    "stop": .date(.phi),
  ])
}
