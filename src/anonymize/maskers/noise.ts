import { within } from "./bounds.ts";
import type { Masker } from "./masker.ts";

export const noise: Masker = {
  name: "noise",
  gives:
    "a number at most `percent` away, drawn once, so that repeated reads do not average it out",
  accepts: ["integer", "number"],
  options: ["percent"],
  from: "draw",
  uniqueness: "lossy",
  strength: "weak",
  isShapedByOriginal: true,
  compile({ value, type, draw, options: { percent = 10 } }) {
    // From -1 to 1 in 2^24 steps.
    const share = `(${draw.integer(3)} - 8388608) / 8388608.0`;
    if (type.base.startsWith("float")) {
      // What would overflow goes the other way; NaN and infinity stay.
      const most = type.base === "float4" ? "1e38" : "1e307";
      const factor = `(${share} * ${percent / 100})::float8`;
      return `case when abs(${value}) > ${most} and abs(${value}) < 'infinity' then ${value} * (1 - abs(${factor})) else ${value} * (1 + ${factor}) end`;
    }
    const near = `${value}::numeric * (1 + ${share} * ${percent / 100})`;
    return within(type.kind === "integer" ? `round(${near})` : near, type);
  },
};
