public import PrivataCore

/// The type of a column, by database.
public enum ColumnType: Sendable {
  /// A type of PostgreSQL; with dimensions, an array of it.
  case postgres(PostgresColumn, dimensions: Int)
  /// A type of SQLite.
  case sqlite(SQLiteColumn)
  /// A field of a model, as the store's driver keeps it.
  case model(FieldType)

  /// How values are kept and read.
  var codec: any ColumnCodec {
    switch self {
    case .postgres(let type, 0): type.codec
    case .postgres(let type, let dimensions):
      ArrayCodec(element: type.codec, dimensions: dimensions, castsToText: type.castsArrays)
    case .sqlite(let type): type.codec
    case .model(let type): ModelCodec(type: type)
    }
  }
}

/// The types of SQLite's columns.
public enum SQLiteColumn: Sendable {
  /// An integer, or what is kept as one.
  case integer(IntegerMode = .number)
  /// An 8-byte float.
  case real
  /// A text; the length is noted and not enforced.
  case text(length: Int? = nil)
  /// A JSON document kept as text.
  case json
  /// A number kept by numeric affinity.
  case numeric(NumberMode = .text)
  /// Bytes, or what is kept in them.
  case blob(BlobMode = .bytes)
  /// A type of the program's own.
  case custom(String, any ColumnCodec)

  /// What an integer column holds.
  public enum IntegerMode: Sendable, Hashable {
    case number, boolean, timestampSeconds, timestampMilliseconds
  }

  /// What a blob column holds.
  public enum BlobMode: Sendable, Hashable { case bytes, json, digits }

  var codec: any ColumnCodec {
    switch self {
    case .integer(.number): NumberCodec()
    case .real: NumberCodec(isReal: true)
    case .integer(.boolean): SQLiteBoolCodec()
    case .integer(.timestampSeconds): SQLiteDateCodec(unit: 1000)
    case .integer(.timestampMilliseconds): SQLiteDateCodec(unit: 1)
    case .text: TextCodec()
    case .json: JSONCodec()
    case .numeric(let mode): SQLiteNumericCodec(mode: mode)
    case .blob(let mode): BlobCodec(mode: mode)
    case .custom(_, let codec): codec
    }
  }
}

/// What a column of numbers is in the program.
public enum NumberMode: Sendable, Hashable {
  /// A number; a 64-bit integer beyond 2^53, or a decimal, loses digits.
  case number
  /// An exact integer.
  case integer
  /// The number's text: exact, scale and all.
  case text
}

/// What a column of dates is in the program.
public enum DateMode: Sendable, Hashable {
  case date
  /// The server's text, untouched.
  case text
}

/// What a geometric column is in the program.
public enum GeometryMode: Sendable, Hashable {
  /// Numbers in a list.
  case tuple
  /// A document of `x` and `y`, or of `a`, `b` and `c`.
  case named
}

/// The types of PostgreSQL's columns.
public enum PostgresColumn: Sendable {
  case smallint, integer
  case bigint(NumberMode = .number)
  case smallserial, serial
  case bigserial(NumberMode = .number)
  case boolean
  case text
  case varchar(Int? = nil)
  case char(Int? = nil)
  case numeric(precision: Int? = nil, scale: Int? = nil, NumberMode = .text)
  case real, doublePrecision
  case json, jsonb
  case uuid
  case date(DateMode = .text)
  case time(precision: Int? = nil, withTimezone: Bool = false)
  case timestamp(precision: Int? = nil, withTimezone: Bool = false, DateMode = .date)
  case interval(fields: String? = nil, precision: Int? = nil)
  case bytea
  case inet, cidr, macaddr, macaddr8
  case point(GeometryMode = .tuple)
  case line(GeometryMode = .tuple)
  case bit(Int? = nil)
  case vector(dimensions: Int)
  case halfvec(dimensions: Int)
  case sparsevec(dimensions: Int)
  case geometry(GeometryMode = .tuple)
  /// An enumeration of the database.
  case enumeration(PostgresEnum)
  /// A type of the program's own.
  case custom(String, any ColumnCodec)

  var isSerial: Bool {
    switch self {
    case .smallserial, .serial, .bigserial: true
    default: false
    }
  }
}

/// An enumeration of PostgreSQL.
public struct PostgresEnum: Sendable, Hashable {
  /// The name of the type.
  public var name: String
  /// The schema that it is in, where it is not the default one.
  public var schema: String?
  /// The values, in their order.
  public var values: [String]

  /// An enumeration of these values.
  public init(_ name: String, schema: String? = nil, _ values: [String]) {
    self.name = name
    self.schema = schema
    self.values = values
  }
}

extension PostgresColumn {
  var codec: any ColumnCodec {
    switch self {
    case .smallint, .integer, .smallserial, .serial: NumberCodec()
    case .real, .doublePrecision: NumberCodec(isReal: true)
    case .bigint(let mode), .bigserial(let mode): WideNumberCodec(mode: mode, isDecimal: false)
    case .numeric(_, _, let mode): WideNumberCodec(mode: mode, isDecimal: true)
    case .boolean: BoolCodec()
    case .json, .jsonb: JSONCodec()
    case .date(.date): DateCodec(kind: .day)
    case .timestamp(_, let hasZone, .date): DateCodec(kind: hasZone ? .moment : .local)
    case .timestamp: TextCodec(castsInJSON: true)
    case .bytea: ByteaCodec()
    case .point(let mode): GeometryCodec(names: mode == .named ? ["x", "y"] : nil, marks: "()")
    case .line(let mode): GeometryCodec(names: mode == .named ? ["a", "b", "c"] : nil, marks: "{}")
    case .geometry(let mode): GeometryCodec(names: mode == .named ? ["x", "y"] : nil, marks: "()")
    case .vector, .halfvec: VectorCodec()
    case .custom(_, let codec): codec
    default: TextCodec()
    }
  }

  /// True where arrays are asked for as texts, so that no element loses what the text says.
  var castsArrays: Bool {
    switch self {
    case .numeric, .date, .timestamp, .interval, .point, .line, .macaddr8, .enumeration: true
    default: false
    }
  }
}
