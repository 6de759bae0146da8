import { Look, type Detector } from "../detector.ts";

const pair =
  /^\(?\s*-?\d{1,3}\.\d{4,}\s*[,; ]\s*-?\d{1,3}\.\d{4,}\s*\)?$|^POINT\s*\(|^SRID=\d+;POINT/i;
const degrees = /^\d{1,3}\u00b0\s?\d{1,2}['\u2032]/;

export const location: Detector = {
  entity: "location",
  says: "where somebody or something is",
  isDirect: false,
  kinds: ["number", "text", "place"],
  types: ["geometry", "geography"],
  names:
    "latitude, longitude, lat lng, lat lon, latlng, latlong, lat long, geo location, geolocation, geo point, geopoint, gps, gps coordinates, gps position, gps lat, gps lng, gps lon, coordinates, coords, geo lat, geo lng, geo lon, home location, last location, last known location, pickup location, user location, home lat, home lng, breitengrad, laengengrad, latitud, longitud, latitudine, longitudine, широта, долгота, lon lat, position lat, position lng, geohash",
  weakNames:
    "lat, lng, lon, geo, location, loc, position gps, geom, coordinate, lieu, ubicacion, posizione, standort",
  value: {
    look({ text }) {
      if (pair.test(text) || degrees.test(text)) return Look.Yes;
      if (/^-?\d{1,3}(?:\.\d+)?(?:e-?\d+)?$/.test(text))
        return Math.abs(Number(text)) <= 180 ? Look.Shape : Look.No;
      return /\p{L}/u.test(text) || (/^[\d.,;\s()[\]-]+$/.test(text) && /[,; ]/.test(text))
        ? Look.Shape
        : Look.No;
    },
    chance: 0.001,
    weight: 5,
    against: 5,
  },
};
