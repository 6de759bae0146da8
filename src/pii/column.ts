/** Collects what is read of one column, and has it judged. */
import { readingOf, type CatalogColumn } from "./catalog.ts";
import type { Kind } from "./detector.ts";
import type { Context, Judgement, Subject } from "./judge.ts";
import { judge } from "./judge.ts";
import { splitName } from "./name-words.ts";
import { Tally } from "./tally.ts";
import { Shape } from "./tree.ts";

// Documents that maps are learned from, before the first one is walked.
const learned = 1000;

interface Branch {
  readonly key: string;
  readonly parents: readonly string[];
  readonly tally: Tally;
  kind: Kind;
}

export interface ColumnJudgement extends Judgement {
  readonly path?: string;
}

/** What the judgement of a column needs to know of its table. */
export interface Surroundings {
  /** Words of the table's name. */
  readonly table: readonly string[];
  /** Names of its columns, as words with blanks. */
  readonly siblings: ReadonlySet<string>;
  readonly context: Context;
  readonly target?: Subject["target"];
}

export class ColumnValues {
  readonly column: CatalogColumn;
  readonly reading: ReturnType<typeof readingOf>;
  /** Values that were read, not NULL. */
  values = 0;
  /** Documents that were cut off. */
  cut = 0;
  readonly #enough: number | undefined;
  readonly #whole: Tally;
  readonly #branches = new Map<string, Branch>();
  readonly #shape = new Shape();
  #waiting: unknown[] | undefined = [];

  /** `enough`: see Tally. */
  constructor(column: CatalogColumn, enough?: number) {
    this.column = column;
    this.#enough = enough;
    this.#whole = new Tally(enough);
    this.reading = readingOf(column);
  }

  /** One value as text: JSON for a tree and for arrays, hexadecimal for bytes. */
  add(text: string, rows = 1): void {
    this.values += rows;
    const { reading } = this;
    if (reading === "tree" || this.column.isArray) return this.#addTree(text, rows);
    if (reading === "bytes") return this.#addBytes(text, rows);
    if (reading === "nothing") return;
    this.#whole.add(text, reading === "unknown" ? "text" : reading, rows);
  }

  judge(outer: Surroundings): ColumnJudgement[] {
    this.#walkWaiting();
    const { column, reading } = this;
    const { context, siblings } = outer;
    const common = { context, siblings, isKey: column.target !== null, type: "", comment: "" };
    const found: ColumnJudgement[] = [];
    const isTree = reading === "tree";
    const kind = isTree || reading === "unknown" || reading === "nothing" ? undefined : reading;
    // The members of an array, where any were read, are judged below with all that is known of it.
    if (this.#branches.size === 0 || this.#whole.rows > 0) {
      if (reading !== "nothing") {
        const tally = this.#whole.rows > 0 ? this.#whole.settle(kind ?? "text") : undefined;
        const subject = {
          ...common,
          name: column.name,
          parents: outer.table,
          type: column.base,
          kind: isTree ? ("text" as const) : kind,
          comment: column.comment,
          target: outer.target,
          tally,
        };
        found.push(...judge(subject));
      }
    }
    for (const [path, { key, parents, tally, kind: branchKind }] of this.#branches) {
      const names = parents.length === 0 ? outer.table : parents.flatMap(splitName);
      const subject = {
        ...common,
        name: key,
        parents: names,
        kind: branchKind,
        tally: tally.settle(branchKind),
        ...(path === column.name ? { comment: column.comment, target: outer.target } : {}),
        ...(isTree ? {} : { type: column.base }),
      };
      found.push(...judge(subject).map((one) => (path === column.name ? one : { ...one, path })));
    }
    return found;
  }

  #addTree(text: string, rows: number): void {
    const document = parse(text);
    if (document === undefined) {
      this.cut += 1;
      this.#whole.add(text, "text", rows);
      return;
    }
    this.#shape.learn(this.column.name, document);
    if (this.#waiting === undefined) return this.#walk(document);
    this.#waiting.push(document);
    if (this.#waiting.length >= learned) this.#walkWaiting();
  }

  #walkWaiting(): void {
    for (const document of this.#waiting ?? []) this.#walk(document);
    this.#waiting = undefined;
  }

  #walk(document: unknown): void {
    const { column, reading } = this;
    this.#shape.walk(column.name, document, (path, key, parents, value, jsonKind) => {
      // The members of text[] are what the column is; a path is for what stands in JSON.
      const place = reading === "tree" ? path : column.name;
      const kind =
        reading === "tree"
          ? jsonKind
          : reading === "unknown" || reading === "nothing"
            ? "text"
            : reading;
      let branch = this.#branches.get(place);
      if (!branch) {
        branch = { key, parents, tally: new Tally(this.#enough), kind };
        this.#branches.set(place, branch);
      }
      // One path may hold 17 and "17".
      if (kind === "text") branch.kind = "text";
      branch.tally.add(value, kind);
    });
  }

  /** Bytes may be text, or JSON, or a picture. */
  #addBytes(hex: string, rows: number): void {
    const bytes = Buffer.from(hex, "hex");
    const text = bytes.toString("utf8").replace(/\ufffd.{0,2}$/, "");
    // oxlint-disable-next-line no-control-regex
    const isText = !/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text);
    this.#whole.add(isText ? text : hex.slice(0, 32), "bytes", rows);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
