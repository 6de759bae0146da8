/** Counts what the values of one column, or of one JSON path, look like. */
import { Look, type Detector, type Kind } from "./detector.ts";
import { detectors } from "./detectors/index.ts";
import { schemesByLength } from "./identifiers/index.ts";
import type { Scheme } from "./identifiers/scheme.ts";
import { readValue } from "./value.ts";

// Beyond so many different values each further one is counted as different.
const most = 5000;

interface Counts {
  /** Distinct values, and rows. */
  yes: number;
  yesRows: number;
  shape: number;
  shapeRows: number;
  /** Distinct values with it inside longer text. */
  within: number;
  /** One that looks like it, to be shown masked. */
  example: string | undefined;
}

interface SchemeCounts {
  shape: number;
  yes: number;
  written: number;
  example: string | undefined;
}

export class Tally {
  readonly kinds = new Map<Kind, number>();
  readonly counts = new Map<Detector, Counts>();
  readonly schemes = new Map<Scheme, SchemeCounts>();
  readonly #seen = new Map<string, number>();
  distinct = 0;
  rows = 0;
  /** Distinct values of three words or more. */
  sentences = 0;
  /** Distinct values of at least four digits and few letters. */
  identifierLike = 0;

  add(raw: string, kind: Kind, rows = 1): void {
    if (raw === "") return;
    this.rows += rows;
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + rows);
    const before = this.#seen.get(raw);
    if (before !== undefined) {
      this.#seen.set(raw, before + rows);
      return;
    }
    this.distinct += 1;
    if (this.#seen.size < most) this.#seen.set(raw, rows);
    else this.#look(raw, kind, rows);
  }

  /** Looks at the values collected so far, once each. */
  settle(kindOf: Kind): this {
    for (const [raw, rows] of this.#seen) this.#look(raw, kindOf, rows);
    this.#seen.clear();
    return this;
  }

  #look(raw: string, kind: Kind, rows: number): void {
    const value = readValue(raw);
    if (value.words >= 3) this.sentences += 1;
    if (value.digits >= 4 && value.compact !== "" && value.compact.length <= 24)
      this.identifierLike += 1;
    for (const detector of detectors) {
      const test = detector.value;
      if (test === undefined || !detector.kinds.includes(kind)) continue;
      const look = value.text.length > 400 ? Look.No : test.look(value);
      let isWithin = false;
      let example: string | undefined;
      if (look !== Look.Yes && test.within !== undefined) {
        example = test.within(value);
        isWithin = example !== undefined;
      }
      if (look === Look.No && !isWithin) continue;
      const counts = this.#countsOf(detector);
      if (look === Look.Yes) {
        counts.yes += 1;
        counts.yesRows += rows;
        counts.example ??= value.text;
      } else if (look === Look.Shape) {
        counts.shape += 1;
        counts.shapeRows += rows;
      }
      if (isWithin) {
        counts.within += 1;
        counts.example ??= example;
      }
    }
    this.#lookForSchemes(value.compact, value.digits, value.text);
  }

  #lookForSchemes(compact: string, digits: number, text: string): void {
    if (digits < 5 || text.length > 24) return;
    for (const scheme of schemesByLength.get(compact.length) ?? []) {
      if (!scheme.pattern.test(compact)) continue;
      let counts = this.schemes.get(scheme);
      if (!counts) {
        counts = { shape: 0, yes: 0, written: 0, example: undefined };
        this.schemes.set(scheme, counts);
      }
      if (scheme.check(compact)) {
        counts.yes += 1;
        counts.example ??= text;
      } else {
        counts.shape += 1;
      }
      if (scheme.written?.test(text)) counts.written += 1;
    }
  }

  #countsOf(detector: Detector): Counts {
    let counts = this.counts.get(detector);
    if (!counts) {
      counts = { yes: 0, yesRows: 0, shape: 0, shapeRows: 0, within: 0, example: undefined };
      this.counts.set(detector, counts);
    }
    return counts;
  }
}
