/** A table's rows: every value by its number, whatever is asked first. */
import { type Catalog, type Column, type ForeignKey, nameOf, type Table } from "./catalog.ts";
import { baseName, isEndless, isFreeType, predicateOf } from "./base-type.ts";
import { addBounds, lacksPartition } from "./bounds.ts";
import { readChecks, type Rules } from "./check.ts";
import { choicesOf, isNarrow } from "./choices.ts";
import type { Dictionary } from "./dictionary.ts";
import { Draw } from "./draw.ts";
import { makeBirth } from "./birth.ts";
import { capacityOf, mostChildren, refuseTooMany } from "./decide.ts";
import { fittingParents } from "./fitting-parents.ts";
import { keyOf } from "./hash.ts";
import { type KeyPlan, planKeys } from "./keys.ts";
import { type Link, linkedValue } from "./link.ts";
import { makeLinks } from "./links.ts";
import { addPlausible } from "./plausible.ts";
import { freeParents, keyText, type Present } from "./present.ts";
import { type Family, raiseFamily } from "./per-parent.ts";
import { Redraws } from "./redraws.ts";
import type { SeedRequest, TableRequest } from "./request.ts";
import { usualRows } from "./request.ts";
import { Impossible, type Made, TooMany } from "./scope.ts";
import type { Source } from "./source.ts";

/** Everything that the rows of all tables share. */
export interface World {
  readonly catalog: Catalog;
  readonly request: SeedRequest;
  readonly words: Dictionary;
  /** How many rows of all tables were drawn again so far: what was found before may be another. */
  readonly redraws: { count: number };
  /** How a column is filled; undefined leaves it to its default. */
  makeColumn(rows: TableRows, column: Column): Made | undefined;
  /** Where the keys of a table come from, by its oid. */
  source(oid: string): Source | undefined;
  /** Both tables are in one circle of foreign keys. */
  isTogether(oid: string, other: string): boolean;
  /** Made rows of a table; undefined where it is not filled. */
  rows(oid: string): TableRows | undefined;
}

export class TableRows implements Source {
  readonly table: Table;
  readonly world: World;
  readonly request: TableRequest | undefined;
  readonly redraws = new Redraws(this);
  readonly rules: Rules;
  readonly name: string;
  /** Rows that are there already count first. */
  readonly first: number;
  /** What the rows that are there already take; undefined where there are none. */
  readonly present: Present | undefined;
  readonly stored = 0;
  #links: readonly Link[] | undefined;
  #keys: readonly KeyPlan[] | undefined;
  readonly #choices = new Map<string, readonly string[] | undefined>();
  #free = new Map<string, Uint32Array>();
  readonly #fitting = new Map<
    string,
    { readonly redrawn: number; readonly parents: Uint32Array | undefined }
  >();
  #family: Family | undefined;
  #count: number | undefined;
  readonly #columns = new Map<string, Made>();
  readonly #making = new Set<string>();
  #born: ((row: number) => number) | undefined;
  /** Several columns of a row ask for it, and all children of the row. */
  #lastBorn = { row: -1, redraws: 0, time: 0 };

  constructor(table: Table, world: World, present?: Present) {
    this.table = table;
    this.world = world;
    this.name = nameOf(table);
    this.request = world.request.tables[this.name];
    this.rules = readChecks(
      table.checks.map(({ expression }) => expression),
      world.request.asOf,
    );
    addBounds(table, this.rules);
    addPlausible(table, this.rules);
    this.first = present?.first ?? 0;
    this.present = present;
  }

  /** How many rows are made. */
  get count(): number {
    if (this.#count !== undefined) return this.#count;
    const count = this.#countRows();
    const lack = count > 0 ? lacksPartition(this.table) : undefined;
    if (lack !== undefined) throw new TooMany(this.name, lack);
    this.#count = count;
    return count;
  }

  /** Makes only the first of the rows, of which no more find room. */
  lower(count: number): void {
    this.#count = Math.min(this.count, count);
  }

  /** The number of rows that is asked for, or usual, where it is a number; keys may allow fewer. */
  get asked(): number {
    const rows = this.request?.rows ?? usualRows;
    if (typeof rows === "object") return Infinity;
    return Math.max(rows === 0 ? 0 : 1, Math.round(rows * this.world.request.scale));
  }

  value(column: string, row: number): string | null {
    return this.column(column)?.text(row) ?? null;
  }

  /** Columns that are written, in the table's order. */
  get columns(): readonly { readonly column: Column; readonly made: Made }[] {
    return this.table.columns.flatMap((column) => {
      const made = column.isGenerated ? undefined : this.column(column.name);
      return made ? [{ column, made }] : [];
    });
  }

  /**
   * How a column is filled; undefined where it is left to its default, or asked for while it is made.
   *
   * @throws Impossible with the column's name.
   */
  column(name: string): Made | undefined {
    const known = this.#columns.get(name);
    if (known) return known;
    const column = this.table.columns.find((one) => one.name === name);
    if (!column || column.isGenerated || this.#making.has(name)) return undefined;
    this.#making.add(name);
    try {
      const made = this.world.makeColumn(this, column);
      if (made) this.#columns.set(name, made);
      return made;
    } catch (error) {
      // Another table's trouble stays its own.
      if (!(error instanceof Impossible) || error.table !== undefined) throw error;
      throw new Impossible(`column ${name}: ${error.message}`, { table: this.name, column: name });
    } finally {
      this.#making.delete(name);
    }
  }

  get keys(): readonly KeyPlan[] {
    this.#keys ??= planKeys(this.table, {
      driver: this.driver,
      isGrowing: this.present !== undefined,
      isApart: this.#parentsWithout !== undefined,
      isFree: (column) =>
        !this.#isAsked(column) &&
        !isNarrow(this, column) &&
        isFreeType(baseName(this, column), this.choices(column)),
      isOrdinal: (column) =>
        !this.#isAsked(column) && /^(int[248]|date)$/.test(baseName(this, column)),
      isEndless: (column) => !this.#isAsked(column) && isEndless(this, column),
      predicateOf: (unique) => predicateOf(this, unique),
      tellsParents: (key, columns) => this.#tellsParents(key, columns),
      isChoice: (column) => this.choices(column) !== undefined,
    });
    return this.#keys;
  }

  /** Parents of a foreign key that the checks of its columns leave, by their numbers; undefined for all. */
  fittingParents(key: ForeignKey): Uint32Array | undefined {
    // Parents that are drawn again may be others.
    const redrawn = this.world.rows(key.target)?.redraws.count ?? 0;
    let known = this.#fitting.get(key.name);
    if (known?.redrawn !== redrawn) {
      known = { redrawn, parents: fittingParents(this, key) };
      this.#fitting.set(key.name, known);
    }
    return known.parents;
  }

  /** Those of them that no row refers to yet. */
  freeParents(key: ForeignKey): Uint32Array | undefined {
    const { name, target, columns, targetColumns } = key;
    const source = this.world.source(target);
    const fitting = this.fittingParents(key);
    if (!this.present || !source || target === this.table.oid) return fitting;
    let free = this.#free.get(name);
    if (!free) {
      free = freeParents(source, targetColumns, this.present.taken(columns, null), fitting);
      this.#free.set(name, free);
    }
    return free;
  }

  /** The parents that rows are added to: those without, if there are any; undefined for all. */
  get #parentsWithout(): Uint32Array | undefined {
    const free = this.present && this.driver && this.freeParents(this.driver);
    return free !== undefined && free.length > 0 ? free : undefined;
  }

  /** A seed file says how the column is filled. */
  #isAsked(column: string): boolean {
    return this.request?.columns[column]?.spec !== undefined;
  }

  #tellsParents(key: ForeignKey, columns: readonly string[]): boolean {
    if (columns.length === key.columns.length) return true;
    const parents = this.world.rows(key.target);
    const targets = columns.map((column) => key.targetColumns[key.columns.indexOf(column)] ?? "");
    const source = this.world.source(key.target);
    // Of rows that are not made now, their values tell: the plan is that of the run that made both.
    if (!parents && source) return areDifferent(source, targets);
    return (
      parents?.keys.some((plan) => plan.kind === "column" && targets.includes(plan.column)) === true
    );
  }

  /** The list of values that a column can have, where that is a list. */
  choices(name: string): readonly string[] | undefined {
    const known = this.#choices.get(name);
    if (known || this.#choices.has(name)) return known;
    const choices = choicesOf(this, name);
    this.#choices.set(name, choices);
    return choices;
  }

  /** The foreign key that rows are made along. */
  get driver() {
    const rows = this.request?.rows;
    if (typeof rows !== "object") return undefined;
    return this.table.foreignKeys.find(({ columns }) => columns[0] === rows.per);
  }

  get family(): Family | undefined {
    void this.count;
    return this.#family;
  }

  get links(): readonly Link[] {
    this.#links ??= makeLinks(this);
    return this.#links;
  }

  /** After every row it refers to, nearer to now than to that; the value of `created_at`. */
  born(row: number): number {
    const { redraws } = this.world;
    if (this.#lastBorn.row === row && this.#lastBorn.redraws === redraws.count) {
      return this.#lastBorn.time;
    }
    this.#born ??= makeBirth(this);
    const time = this.#born(row);
    this.#lastBorn = { row, redraws: redraws.count, time };
    return time;
  }

  draw(column: string): Draw {
    return new Draw(keyOf(this.world.request.seed, this.name, column), this.redraws.of(column));
  }

  #countRows(): number {
    const { request, world } = this;
    const rows = request?.rows;
    if (typeof rows === "object") {
      const { driver } = this;
      const parents = driver && world.source(driver.target);
      if (!driver || !parents) {
        throw new Impossible(`\`per: ${rows.per}\` is no foreign key to a table with rows`);
      }
      this.#family = raiseFamily(
        rows,
        parents.count,
        keyOf(world.request.seed, this.name, "(rows)"),
        this.#parentsWithout ?? this.fittingParents(driver),
        // A scale below 1 leaves fewer partners than the file counts on: its `max` is a bound.
        world.request.scale < 1 ? mostChildren(this) : Infinity,
      );
      refuseTooMany(this, this.#family, rows.per);
      return this.#family.count;
    }
    const scaled = this.asked;
    const { most, why } = capacityOf(this);
    if (this.first + scaled <= most) return scaled;
    if (rows === undefined) return Math.max(0, most - this.first);
    const more = this.first === 0 ? `${most}` : `${Math.max(0, most - this.first)} more`;
    throw new TooMany(this.name, `${scaled} rows are asked for, and ${why} allows ${more}`);
  }

  linked(column: string, row: number): string | null | undefined {
    return linkedValue(this.links, column, row, (name, other) => this.value(name, other));
  }

  isNullable(name: string): boolean {
    const column = this.table.columns.find((one) => one.name === name);
    const type = this.world.catalog.types.get(column?.type ?? "");
    return (
      column !== undefined &&
      !column.isNotNull &&
      type?.isNotNull !== true &&
      this.rules.get(name)?.isNotNull !== true
    );
  }
}

function areDifferent(source: Source, columns: readonly string[]): boolean {
  const seen = new Set<string>();
  for (let row = 0; row < source.count; row += 1) {
    seen.add(keyText(columns.map((column) => source.value(column, row))));
  }
  return seen.size === source.count;
}
