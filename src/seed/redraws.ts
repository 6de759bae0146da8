/** Which rows of a table were drawn again, column by column, since something refused their first draw. */
import { baseName } from "./base-type.ts";
import type { Attempts } from "./draw.ts";
import { birthColumn } from "./generators/time.ts";
import { linkName } from "./link.ts";
import { plainName } from "./plain-name.ts";
import type { TableRows } from "./rows.ts";

/** A row that was never drawn again has no entry, and most rows have none. */
export class Redraws {
  readonly #rows: TableRows;
  readonly #attempts = new Map<string, Attempts>();
  #count = 0;

  constructor(rows: TableRows) {
    this.#rows = rows;
  }

  /** How many rows of the table were drawn again so far. */
  get count(): number {
    return this.#count;
  }

  /** How often rows of one draw, a column's mostly, were drawn again; the draw keeps the map. */
  of(draw: string): Attempts {
    let attempts = this.#attempts.get(draw);
    if (!attempts) this.#attempts.set(draw, (attempts = new Map()));
    return attempts;
  }

  /** Draws these columns of a row again, and leaves the others as they are. */
  again(row: number, columns: readonly string[]): void {
    this.#count += 1;
    this.#rows.world.redraws.count += 1;
    for (const draw of this.#drawsOf(columns)) {
      const attempts = this.of(draw);
      // What is drawn for a row as a whole counts the rows of this run alone.
      const place = row + (/^(?:\(|->)/.test(draw) ? 0 : this.#rows.first);
      attempts.set(place, (attempts.get(place) ?? 0) + 1);
    }
  }

  /** All rows as they were drawn first. */
  forget(): void {
    for (const attempts of this.#attempts.values()) attempts.clear();
    this.#rows.world.redraws.count += 1;
  }

  /** The draws behind columns: whether they are null, who the person is, when the row was born, its parents. */
  #drawsOf(columns: readonly string[]): ReadonlySet<string> {
    const draws = new Set<string>(columns);
    for (const column of columns) {
      draws.add(`${column} (null)`);
      if (/^(text|varchar|bpchar|citext)$/.test(baseName(this.#rows, column))) {
        draws.add("(person)");
      }
      if (birthColumn.test(plainName(column))) draws.add("(born)");
      for (const { key } of this.#rows.links) {
        if (key.columns.includes(column)) draws.add(linkName(key));
      }
    }
    return draws;
  }
}
