/** Draws rows again until nothing refuses them: CHECKs that are not understood, watched keys. */
import type { Session } from "../db/session.ts";
import { type Condition, judge } from "./candidates.ts";
import { columnsIn } from "./expression.ts";
import type { KeyPlan } from "./keys.ts";
import { keyText } from "./present.ts";
import type { Predicate } from "./predicate.ts";
import type { TableRows } from "./rows.ts";
import { Impossible } from "./scope.ts";

const mostAttempts = 60;

type Watched = KeyPlan & { readonly kind: "watched" };

/** What a run over a table's rows remembers from batch to batch. */
export class Settler {
  readonly #rows: TableRows;
  readonly #watched: readonly Watched[];
  readonly #seen: readonly Set<string>[];
  readonly #conditions: readonly Condition[];

  constructor(rows: TableRows, conditions: readonly Condition[]) {
    this.#rows = rows;
    this.#conditions = conditions;
    this.#watched = rows.keys.flatMap((plan) => (plan.kind === "watched" ? [plan] : []));
    this.#seen = this.#watched.map(
      ({ columns, predicate }) => new Set(rows.present?.taken(columns, predicate ?? null)),
    );
  }

  get isNeeded(): boolean {
    return this.#watched.length > 0 || this.#conditions.length > 0;
  }

  /**
   * Settles the rows `from` … `to` − 1.
   *
   * @throws Impossible naming the expression or the key that no draw satisfied.
   */
  async settle(session: Session, from: number, to: number): Promise<void> {
    const [first] = await this.#draw(session, from, to);
    if (first) throw new Impossible(this.#explain(...first));
  }

  /** How many of the first rows find room in the watched keys; undefined where something else refuses rows. */
  async countRoom(session: Session, rows: number): Promise<number | undefined> {
    const left = await this.#draw(session, 0, rows);
    const isKey = (name: string) => this.#watched.some((key) => nameKey(key) === name);
    return [...left.values()].every((why) => why.every(isKey)) ? rows - left.size : undefined;
  }

  /** The rows that were given up, with what refused their last draw. */
  async #draw(session: Session, from: number, to: number): Promise<Map<number, readonly string[]>> {
    const tries = new Map<number, number>();
    const left = new Map<number, readonly string[]>();
    let open = Array.from({ length: to - from }, (_, n) => from + n);
    while (open.length > 0) {
      // Where no condition is asked for, nothing else here waits for the server.
      await session.breathe();
      const { refused } = await judge(session, this.#rows, this.#conditions, open);
      const again: number[] = [];
      for (const row of open) {
        const why = refused.get(row) ?? this.#meets(row);
        if (why === undefined) continue;
        const count = (tries.get(row) ?? 0) + 1;
        if (count > mostAttempts) {
          left.set(row, why);
          continue;
        }
        tries.set(row, count);
        this.#rows.redraws.again(row, this.#columnsOf(why));
        again.push(row);
      }
      open = again;
    }
    return left;
  }

  /** The watched key that the row shares with an earlier one; otherwise the row is remembered. */
  #meets(row: number): readonly string[] | undefined {
    const read = (column: string) => this.#rows.value(column, row);
    const keys = this.#watched.map(({ columns, when }) => {
      if (when && this.#isWritten(when) && !when.holds(read)) return undefined;
      const values = columns.map(read);
      return values.includes(null) ? undefined : keyText(values);
    });
    const met = keys.findIndex((key, n) => key !== undefined && this.#seen[n]?.has(key));
    if (met >= 0) return [nameKey(this.#watched[met])];
    for (const [n, key] of keys.entries()) if (key !== undefined) this.#seen[n]?.add(key);
    return undefined;
  }

  /** What has a part in these refusals; a check of the whole row has every column. */
  #columnsOf(why: readonly string[]): string[] {
    const generated = new Map(
      this.#rows.table.columns.map((column) => [
        column.name,
        column.isGenerated ? columnsIn(column.default ?? "") : [column.name],
      ]),
    );
    const columns = why.flatMap((name) => {
      const condition = this.#conditions.find((one) => one.name === name);
      return condition
        ? columnsIn(condition.expression)
        : columnsOf(this.#watched.find((key) => nameKey(key) === name));
    });
    const named = columns.flatMap((name) => generated.get(name) ?? []);
    return named.length > 0 ? [...new Set(named)] : [...generated.keys()];
  }

  /** A column that is left to its default has a value that is not known here. */
  #isWritten({ columns }: Predicate): boolean {
    return columns.every((column) => this.#rows.column(column) !== undefined);
  }

  #explain(row: number, why: readonly string[]): string {
    const parts = why.map((name) => {
      const condition = this.#conditions.find((one) => one.name === name);
      return condition ? `${name} (${condition.written ?? condition.expression})` : name;
    });
    return `after ${mostAttempts} draws of row ${row + 1} it still fails ${parts.join(" and ")}`;
  }
}

function columnsOf(key: Watched | undefined): readonly string[] {
  return key ? [...key.columns, ...(key.when?.columns ?? [])] : [];
}

function nameKey(key: Watched | undefined): string {
  const rows = key?.when ? " where its index applies" : "";
  return `the unique key of ${(key?.columns ?? []).join(", ")}${rows}`;
}
