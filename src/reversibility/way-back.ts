/** The SQL that leads from one schema to another, as far as their dumps tell it. */
import { ident } from "../db/identifier.ts";
import { parentOf } from "../schema/attached.ts";
import type { DumpedObject, DumpedSchema } from "../schema/dump.ts";
import { NoWayBack } from "./no-way-back.ts";
import { readTable } from "../schema/compare/table-elements.ts";
import { undoAttributes } from "./undo-attributes.ts";
import { undoTable } from "./undo-table.ts";

export interface WayBack {
  /** Without their semicolons. */
  readonly statements: readonly string[];
  /** What does not come back by them. */
  readonly warnings: readonly string[];
}

export interface WayBackOptions {
  /** Names of indexes, not quoted, that the migration makes or drops CONCURRENTLY. */
  readonly concurrently: ReadonlySet<string>;
  /** As SQL; it owns what the statements create anyway. */
  readonly owner: string;
  /** A column's type is changed back with a cast, not only where PostgreSQL has one of its own. */
  readonly writesCasts: boolean;
}

/** What tables may need: it is made before them and dropped after them. */
const underTables = /^(?:schema|extension|type|domain|collation|sequence) /;
const functions = /^(?:function|procedure) /;
/** What is made anew where it has changed: nothing of it is kept in rows. */
const remade =
  /^(?:view|materialized view|index|trigger|policy|rule|statistics|constraint|foreign key) /;

/**
 * Statements in this order: what is left over and leans on tables is dropped; tables are changed;
 * what they needed is dropped; the rest is made. Nothing is dropped with CASCADE.
 *
 * @param from the schema as it is.
 * @param to the schema as it is to be.
 * @throws NoWayBack where the dumps do not tell how.
 */
export function findWayBack(
  from: DumpedSchema,
  to: DumpedSchema,
  options: WayBackOptions,
): WayBack {
  const has = new Map(from.objects.map((object) => [object.label, object]));
  const wanted = new Map(to.objects.map((object) => [object.label, object]));
  const goesWithColumn = ownedByGone(from, wanted);
  const extra = withoutParts(from.objects.filter(({ label }) => !wanted.has(label))).filter(
    ({ label }) => !goesWithColumn.has(label),
  );
  const missing = to.objects.filter(({ label }) => !has.has(label));
  const changed = to.objects.flatMap((object) => {
    const now = has.get(object.label);
    return now && now.statements.join(";") !== object.statements.join(";") ? { object, now } : [];
  });
  const anew = changed.filter(
    ({ object, now }) => remade.test(object.label) && object.statements[0] !== now.statements[0],
  );
  const kept = changed.filter((change) => !anew.includes(change));
  const dropped = withoutAttached([...extra, ...anew.map(({ now }) => now)]);
  const isUnder = ({ label }: DumpedObject) => underTables.test(label);
  const isFunction = ({ label }: DumpedObject) => functions.test(label);
  const warnings: string[] = [];
  const make = (object: DumpedObject): string[] => {
    if (object.label.startsWith("table ") && !object.isPart) {
      warnings.push(`the rows of ${object.relation} do not come back`);
    }
    return makeAgain(object, options);
  };
  const order = new Map(from.objects.map(({ label }, index) => [label, index]));
  const newestFirst = dropped.toSorted(
    (a, b) => (order.get(b.label) ?? 0) - (order.get(a.label) ?? 0),
  );
  const tables = kept.filter(({ object }) => object.label.startsWith("table "));
  const statements = [
    ...dropAll(
      newestFirst.filter((object) => !isUnder(object) && !isFunction(object)),
      options,
    ),
    ...missing.filter(isUnder).flatMap(make),
    ...tables.flatMap(({ object, now }) => {
      const parent = parentOf(now);
      const above =
        parent === parentOf(object) ? kept.find((one) => one.object.label === parent) : undefined;
      const undone = undoTable(now, object, {
        writesCasts: options.writesCasts,
        ...(above && { parent: { now: above.now, wanted: above.object } }),
      });
      warnings.push(...undone.warnings);
      return undone.statements;
    }),
    ...dropAll(newestFirst.filter(isFunction), options),
    ...dropAll(newestFirst.filter(isUnder), options),
    ...to.objects.flatMap((object) => {
      if (anew.some((change) => change.object === object)) return makeAgain(object, options);
      if (missing.includes(object) && !isUnder(object)) return make(object);
      const change = kept.find((one) => one.object === object);
      return change && !change.object.label.startsWith("table ") ? replace(change) : [];
    }),
    ...kept.flatMap(({ object, now }) => undoAttributes(now, object)),
  ];
  return { statements, warnings };
}

/** Labels of sequences whose column, or its table, is not wanted: they go with it. */
function ownedByGone(
  from: DumpedSchema,
  wanted: ReadonlyMap<string, DumpedObject>,
): ReadonlySet<string> {
  const gone = new Set<string>();
  for (const { label, relation = "", statements } of from.objects) {
    const goal = wanted.get(label);
    const columns = goal ? readTable(goal.statements[0] ?? "")?.elements : [];
    for (const statement of statements) {
      const [, sequence = "", owner = ""] =
        /^ALTER SEQUENCE (.+) OWNED BY (.+)$/s.exec(statement) ?? [];
      const isWanted = columns?.some(({ name }) => owner === `${relation}.${ident(name)}`);
      if (sequence !== "" && isWanted === false) gone.add(`sequence ${sequence}`);
    }
  }
  return gone;
}

/** Without what goes with its table or view. */
function withoutParts(objects: readonly DumpedObject[]): DumpedObject[] {
  const whole = new Set(
    objects.flatMap(({ isPart, relation }) => (isPart ? [] : (relation ?? []))),
  );
  return objects.filter(
    ({ isPart, relation }) => !(isPart && relation !== undefined && whole.has(relation)),
  );
}

/** Without the indexes of partitions that go with the one they are attached to. */
function withoutAttached(objects: readonly DumpedObject[]): DumpedObject[] {
  const labels = new Set(objects.map(({ label }) => label));
  return objects.filter(
    (object) => !object.label.startsWith("index ") || !labels.has(parentOf(object) ?? ""),
  );
}

/** Tables come last and in one statement: others lean on them, and they may refer to each other. */
function dropAll(objects: readonly DumpedObject[], options: WayBackOptions): string[] {
  const isTable = ({ label, statements }: DumpedObject) =>
    label.startsWith("table ") && statements[0]?.startsWith("CREATE FOREIGN ") !== true;
  const tables = objects.filter(isTable).map(({ relation }) => relation ?? "");
  return [
    ...objects.filter((object) => !isTable(object)).map((object) => drop(object, options)),
    ...(tables.length === 0 ? [] : [`DROP TABLE ${tables.toSorted().join(", ")}`]),
  ];
}

const plain =
  /^(view|materialized view|index|sequence|function|procedure|aggregate|type|domain|schema|extension|collation|statistics|conversion|cast|event trigger|publication) /;

function drop({ label, relation = "", statements }: DumpedObject, options: WayBackOptions): string {
  const [, constraint] = /^(?:constraint|foreign key) (.+) (?:on|of) /s.exec(label) ?? [];
  if (constraint !== undefined) return `ALTER TABLE ${relation} DROP CONSTRAINT ${constraint}`;
  const [, kind, name] = /^(trigger|policy|rule) (.+) on /s.exec(label) ?? [];
  if (kind !== undefined) return `DROP ${kind.toUpperCase()} ${name} ON ${relation}`;
  if (statements[0]?.startsWith("CREATE FOREIGN TABLE ") === true)
    return `DROP FOREIGN TABLE ${relation}`;
  const [domainConstraint, domain, check] = /^domain (.+) constraint (.+)$/s.exec(label) ?? [];
  if (domainConstraint !== undefined) return `ALTER DOMAIN ${domain} DROP CONSTRAINT ${check}`;
  const [words, word = ""] = plain.exec(label) ?? [];
  if (words === undefined) throw new NoWayBack(`nothing is known that drops ${label}`);
  const rest = label.slice(words.length);
  if (word === "index" && options.concurrently.has(lastName(rest))) {
    return `DROP INDEX CONCURRENTLY ${rest}`;
  }
  return `DROP ${word.toUpperCase()} ${rest}`;
}

function makeAgain(object: DumpedObject, { concurrently, owner }: WayBackOptions): string[] {
  return object.statements
    .filter((statement) => !statement.endsWith(` OWNER TO ${owner}`))
    .map((statement) => {
      const [head, index] = /^CREATE (?:UNIQUE )?INDEX (\S+) /.exec(statement) ?? [];
      if (head === undefined || !concurrently.has(lastName(index ?? ""))) return statement;
      return statement.replace(" INDEX ", " INDEX CONCURRENTLY ");
    });
}

/** What is changed in its place. */
function replace({ object, now }: { object: DumpedObject; now: DumpedObject }): string[] {
  const [first = ""] = object.statements;
  if (first === now.statements[0]) return [];
  if (functions.test(object.label))
    return [first.replace(/^CREATE (?!OR REPLACE)/, "CREATE OR REPLACE ")];
  if (/^CREATE TYPE .* AS ENUM/.test(first)) {
    throw new NoWayBack(`values of ${object.label} cannot be taken out again`);
  }
  throw new NoWayBack(`nothing is known that changes ${object.label} back`);
}

function lastName(name: string): string {
  return (name.split(".").at(-1) ?? name).replaceAll(/^"|"$/g, "").replaceAll('""', '"');
}
