/** The statements of all differences in the order in which they run. */
import { parentOf } from "../schema/attached.ts";
import { readTable } from "../schema/compare/table-elements.ts";
import type { Closure, Planned } from "./closure.ts";
import type { Step } from "./step.ts";

export interface ScriptPart {
  /** `table app.users` */
  readonly object: string;
  /** Without their semicolons. */
  readonly sql: readonly string[];
}

/** Where an object stands in the first and in the second schema; -1 where it is not there. */
export interface Places {
  readonly from: ReadonlyMap<string, number>;
  readonly to: ReadonlyMap<string, number>;
}

/**
 * First the drops that make way, from the last object to the first one; then what is changed and
 * made, in the order of the second schema; then the drops of what nothing uses any more.
 */
export function writeScript(
  objects: readonly Planned[],
  { left, first }: Closure,
  places: Places,
): ScriptPart[] {
  const taken = objects.map((object) => ({
    object,
    steps: object.steps.filter((step) => !left.has(step) && !lapses(object, step)),
  }));
  const partsOf = (wanted: (step: Step) => boolean) =>
    taken.flatMap(({ object, steps }) => {
      const sql = steps.filter(wanted).flatMap((step) => step.sql);
      return sql.length === 0 ? [] : [{ object: object.label, sql }];
    });
  const backwards = (parts: ScriptPart[]) =>
    parts.toSorted((a, b) => placeIn(places.from, b) - placeIn(places.from, a));
  const forwards = (parts: ScriptPart[], way: Places["to"]) =>
    parts.toSorted((a, b) => placeIn(way, a) - placeIn(way, b));
  const main = partsOf((step) => !first.has(step) && step.when === "main");
  return joined([
    ...backwards(partsOf((step) => first.has(step))),
    ...forwards(
      partsOf((step) => step.when === "next"),
      places.from,
    ),
    ...attachLate(forwards(main, places.to), objects, places),
    ...backwards(partsOf((step) => !first.has(step) && step.when === "last")),
  ]);

  function lapses({ steps }: Planned, { lapsesWith }: Step): boolean {
    return (
      lapsesWith?.some((part) => steps.some((one) => one.ends === part && !left.has(one))) === true
    );
  }
}

function placeIn(places: ReadonlyMap<string, number>, { object }: ScriptPart): number {
  return places.get(object) ?? -1;
}

/** Neighbours about the same object are one. */
function joined(parts: readonly ScriptPart[]): ScriptPart[] {
  const found: ScriptPart[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (last?.object !== part.object) found.push(part);
    else found.splice(-1, 1, { object: part.object, sql: [...last.sql, ...part.sql] });
  }
  return found;
}

/**
 * ATTACH PARTITION makes on a new partition each index and foreign key that its table has and it
 * lacks, under a name of PostgreSQL's choice. So those that the table has already are made before,
 * and before the keys: it takes the first index with the same columns, even where that is a key's.
 */
function attachLate(
  parts: readonly ScriptPart[],
  objects: readonly Planned[],
  { from }: Places,
): ScriptPart[] {
  const known = new Map(objects.map((object) => [object.label, object]));
  const isNew = (label: string) => known.get(label)?.was === undefined && !from.has(label);
  const early = new Set<string>();
  const before = new Map<string, string[]>();
  const isAttach = (sql: string) => / ATTACH PARTITION /.test(sql);
  for (const { object } of parts) {
    const is = known.get(object)?.is;
    const table = `table ${is?.relation ?? ""}`;
    const attached = known.get(table)?.is;
    if (!is || !attached || !/^(?:index|constraint|foreign key) /.test(object)) continue;
    if (!isNew(object) || !isNew(table)) continue;
    if (parentOf(attached) === undefined) continue;
    const parent = parentOf(is);
    const isKey = object.startsWith("foreign key ");
    const isIndex = parent !== undefined && (from.has(parent) || early.has(parent));
    const isAble = is.needs.every(({ on }) => on === table || on === object || from.has(on));
    if (!isIndex && !(isKey && isAble)) continue;
    early.add(object);
    before.set(table, [...(before.get(table) ?? []), ...is.statements.slice(0, 1)]);
  }
  return parts.flatMap(({ object, sql }) => {
    const made = before.get(object);
    if (made) {
      const attach = sql.findIndex(isAttach);
      const [create = "", ...between] = sql.slice(0, attach);
      const { text, keys } = withoutKeys(create, object.slice("table ".length));
      const start = [text, ...between, ...made, ...keys];
      return [{ object, sql: [...start, ...sql.slice(attach)] }];
    }
    if (!early.has(object)) return [{ object, sql }];
    const rest = sql.slice(1);
    return rest.length === 0 ? [] : [{ object, sql: rest }];
  });
}

/** CREATE TABLE without its keys, and the statements that add them. */
function withoutKeys(create: string, table: string): { text: string; keys: string[] } {
  const isKey = /^CONSTRAINT (?:"(?:[^"]|"")*"|[^\s"]+) (?:UNIQUE|PRIMARY KEY|EXCLUDE)\b/;
  const keys = (readTable(create)?.elements ?? [])
    .map(({ text }) => text)
    .filter((text) => isKey.test(text));
  const text = keys.reduce((rest, key) => rest.replace(`,\n    ${key}`, () => ""), create);
  return { text, keys: keys.map((key) => `ALTER TABLE ${table} ADD ${key}`) };
}
