public import PrivataCore

/// A shape on the globe, as GeoJSON has it: longitude first.
///
/// ```swift
/// Clinic.where("place").near(.point(10.75, 59.91), maxDistance: 500)
/// ```
public enum GeoShape: Sendable, Hashable {
  case point(Double, Double)
  case line([[Double]])
  /// Rings of positions; the first is the outer one.
  case polygon([[[Double]]])
  /// Any other, as GeoJSON.
  case geoJSON(Document)

  /// The shape as GeoJSON.
  public var document: Document {
    switch self {
    case .point(let longitude, let latitude):
      ["type": "Point", "coordinates": [.double(longitude), .double(latitude)]]
    case .line(let positions):
      ["type": "LineString", "coordinates": Self.value(positions)]
    case .polygon(let rings):
      ["type": "Polygon", "coordinates": .array(rings.map(Self.value))]
    case .geoJSON(let document): document
    }
  }

  static func value(_ positions: [[Double]]) -> Value {
    .array(positions.map { .array($0.map { .double($0) }) })
  }
}

// Conditions on places. MongoDB needs a `2dsphere` or `2d` index for those that sort by distance.

extension MongoQuery {
  /// Near a shape, the nearest first; distances in metres. Means the path of the last `where`.
  public func near(
    _ shape: GeoShape, maxDistance: Double? = nil, minDistance: Double? = nil
  ) -> Self {
    var near: Document = ["$geometry": .document(shape.document)]
    if let maxDistance { near["$maxDistance"] = .double(maxDistance) }
    if let minDistance { near["$minDistance"] = .double(minDistance) }
    return comparing("$near", .document(near))
  }

  /// As ``near(_:maxDistance:minDistance:)``, measured on a sphere.
  public func nearSphere(
    _ shape: GeoShape, maxDistance: Double? = nil, minDistance: Double? = nil
  ) -> Self {
    var near: Document = ["$geometry": .document(shape.document)]
    if let maxDistance { near["$maxDistance"] = .double(maxDistance) }
    if let minDistance { near["$minDistance"] = .double(minDistance) }
    return comparing("$nearSphere", .document(near))
  }

  /// Wholly within a polygon.
  public func within(_ shape: GeoShape) -> Self {
    comparing("$geoWithin", ["$geometry": .document(shape.document)])
  }

  /// Shares a point with a shape.
  public func intersects(_ shape: GeoShape) -> Self {
    comparing("$geoIntersects", ["$geometry": .document(shape.document)])
  }

  /// Within a box of flat coordinates: lower left, upper right.
  public func withinBox(_ lower: [Double], _ upper: [Double]) -> Self {
    comparing("$geoWithin", ["$box": GeoShape.value([lower, upper])])
  }

  /// Within a circle of flat coordinates; on the globe the radius is in radians.
  public func withinCircle(
    center: [Double], radius: Double, spherical: Bool = false
  ) -> Self {
    let circle: Value = .array([.array(center.map { .double($0) }), .double(radius)])
    return comparing("$geoWithin", [spherical ? "$centerSphere" : "$center": circle])
  }

  /// Within a polygon of flat coordinates.
  public func withinPolygon(_ corners: [[Double]]) -> Self {
    comparing("$geoWithin", ["$polygon": GeoShape.value(corners)])
  }
}
