/// The columns of a file. A column of the file that no entry names is left out; an entry without a
/// column in the file is an error.
public struct CSVTable: Sendable, Hashable {
  /// The columns that are read.
  public var columns: [CSVColumn]
  /// The field that no two rows may share, if there is one.
  public var key: String?

  /// A table of these columns.
  public init(key: String? = nil, _ columns: [CSVColumn]) {
    self.columns = columns
    self.key = key
  }

  /// People: `patients.csv` of a Synthea export.
  public static let patients = CSVTable(
    key: "id",
    [
      CSVColumn("Id", as: "id", .uuid, isRequired: true),
      CSVColumn("BIRTHDATE", as: "birthDate", .date),
      CSVColumn("DEATHDATE", as: "deathDate", .date),
      CSVColumn("SSN", as: "ssn", .socialSecurity),
      CSVColumn("DRIVERS", as: "driversLicense"),
      CSVColumn("PASSPORT", as: "passport"),
      CSVColumn("PREFIX", as: "prefix"),
      CSVColumn("FIRST", as: "firstName", isRequired: true),
      CSVColumn("LAST", as: "lastName", isRequired: true),
      CSVColumn("SUFFIX", as: "suffix"),
      CSVColumn("MAIDEN", as: "maidenName"),
      CSVColumn("MARITAL", as: "maritalStatus", .choice(["M", "S", "D", "W"])),
      CSVColumn("RACE", as: "race"),
      CSVColumn("ETHNICITY", as: "ethnicity"),
      CSVColumn("GENDER", as: "gender", .choice(["F", "M"])),
      CSVColumn("BIRTHPLACE", as: "birthPlace"),
      CSVColumn("ADDRESS", as: "address"),
      CSVColumn("CITY", as: "city"),
      CSVColumn("STATE", as: "state"),
      CSVColumn("COUNTY", as: "county"),
      CSVColumn("ZIP", as: "zip", .zip),
      CSVColumn("LAT", as: "latitude", .degrees(limit: 90)),
      CSVColumn("LON", as: "longitude", .degrees(limit: 180)),
      CSVColumn("HEALTHCARE_EXPENSES", as: "expenses", .money),
      CSVColumn("HEALTHCARE_COVERAGE", as: "coverage", .money),
    ])

  /// Diagnoses: `conditions.csv` of a Synthea export. `patient` names a row of the people.
  public static let conditions = CSVTable([
    CSVColumn("START", as: "start", .date, isRequired: true),
    CSVColumn("STOP", as: "stop", .date),
    CSVColumn("PATIENT", as: "patient", .uuid, isRequired: true),
    CSVColumn("ENCOUNTER", as: "encounter", .uuid),
    CSVColumn("CODE", as: "code", .code, isRequired: true),
    CSVColumn("DESCRIPTION", as: "description"),
  ])
}
