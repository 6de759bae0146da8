/** Two schemas, object by object: what differs, in words and in SQL. */
import { parentOf } from "../schema/attached.ts";
import { compareTables, describeDefinition } from "../schema/compare/words.ts";
import type { DumpedObject } from "../schema/dump.ts";
import { restDifference } from "./rest.ts";
import type { LeftOut } from "./left-out.ts";
import { namesColumn, needsColumn } from "./left-out.ts";
import type { DescribedChange, Parent } from "./table.ts";
import { tableDifference, unmadeColumns } from "./table.ts";

export interface Difference {
  /** `table app.users` */
  readonly object: string;
  /** Seen from the first schema to the second. */
  readonly kind: "added" | "removed" | "changed";
  /** What is different, a sentence each. */
  readonly words: readonly string[];
  /** Statements that make the first schema's object the second's, but for what is left out. */
  readonly sql: readonly string[];
  /** What `sql` does not bring about, each with the reason: both definitions are to be read. */
  readonly leftOut: readonly LeftOut[];
  /** The partitioned table or index with which all of it comes or goes: `sql` is empty then. */
  readonly comesWith?: string;
  /** Statements of either side; empty where it has no such object. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** The parser must be loaded. Every difference: first what is gone, in the order in which it can be dropped, then what is changed or new. */
export function findDifferences(
  from: readonly DumpedObject[],
  to: readonly DumpedObject[],
): Difference[] {
  const before = new Map(from.map((object) => [object.label, object]));
  const after = new Map(to.map((object) => [object.label, object]));
  const removed = from
    .filter(({ label }) => !after.has(label))
    .toReversed()
    .map((object): Difference => {
      const { label, statements } = object;
      const parent = label.startsWith("index ") ? parentOf(object) : undefined;
      const isWithParent = parent !== undefined && isMadeAnew(parent);
      const drop = isWithParent ? undefined : dropSql(label);
      return {
        object: label,
        kind: "removed",
        words: ["is gone"],
        sql: drop === undefined ? [] : [drop],
        leftOut:
          drop === undefined && !isWithParent ? [{ what: label, why: whyNotDropped(label) }] : [],
        ...(isWithParent ? { comesWith: parent } : {}),
        before: statements,
        after: [],
      };
    });
  const unmade = to.flatMap(({ label, statements }) => {
    const old = label.startsWith("table ") ? before.get(label)?.statements : undefined;
    const parts = old && compareTables(old[0] ?? "", statements[0] ?? "");
    const columns = parts ? unmadeColumns(parts) : [];
    return columns.map((column) => ({ table: label.slice("table ".length), column }));
  });
  const others = to.flatMap((object): Difference[] => {
    const { label, statements } = object;
    const old = before.get(label);
    if (!old) {
      const column = unmadeColumnOf(object);
      const why = isBroken(object)
        ? broken
        : column === undefined
          ? undefined
          : needsColumn(column);
      const added = {
        words: [isBroken(object) ? "is new, and invalid" : "is new"],
        sql: why === undefined ? statements : [],
        leftOut: why === undefined ? [] : [{ what: label, why }],
        before: [],
        after: statements,
      };
      return [{ object: label, kind: "added", ...added }];
    }
    const { statements: was } = old;
    if (was.length === statements.length && was.every((sql, i) => sql === statements[i])) return [];
    return [
      {
        object: label,
        kind: "changed",
        ...changeOf(old, object),
        before: was,
        after: statements,
      },
    ];
  });
  return [...removed, ...others];

  function changeOf(was: DumpedObject, is: DumpedObject): DescribedChange {
    if (isBroken(is)) {
      return { words: ["is invalid"], sql: [], leftOut: [{ what: is.label, why: broken }] };
    }
    if (isBroken(was)) {
      const drop = dropSql(was.label);
      const sql = [...(drop === undefined ? [] : [drop]), ...is.statements];
      return { words: ["was invalid"], sql, leftOut: [] };
    }
    const changed = change(was, is, parentOfBoth(was, is));
    const column = is.label.startsWith("table ") ? undefined : unmadeColumnOf(is);
    if (column === undefined || changed.sql.length === 0) return changed;
    return { ...changed, sql: [], leftOut: [{ what: is.label, why: needsColumn(column) }] };
  }

  /** A column that this index, view, constraint … names, and that its table does not get. */
  function unmadeColumnOf({ label, statements }: DumpedObject): string | undefined {
    if (!bound.test(label)) return undefined;
    return unmade.find(({ table, column }) =>
      statements.some((sql) => sql.includes(table) && namesColumn(sql, column)),
    )?.column;
  }

  /** It is dropped, whether or not another one comes in its place. */
  function isMadeAnew(label: string): boolean {
    const old = before.get(label);
    return old !== undefined && old.statements[0] !== after.get(label)?.statements[0];
  }

  function parentOfBoth(was: DumpedObject, is: DumpedObject): Parent | undefined {
    const label = parentOf(is);
    if (label === undefined || label !== parentOf(was)) return undefined;
    const [old, now] = [before.get(label), after.get(label)];
    return old && now && { label, was: old.statements, is: now.statements };
  }
}

/** An invalid index is there, and a dump leaves out how it is made. */
const isBroken = ({ statements }: DumpedObject) => statements.length === 0;

const broken = "a concurrent build of it failed or is still running";

/** Objects that PostgreSQL refuses to make while a column is not there; the body of a function may name what comes later. */
const bound =
  /^(?:index|constraint|foreign key|view|materialized view|statistics|trigger|policy|rule|publication) /;

function whyNotDropped(label: string): string {
  if (/^(?:foreign )?table /.test(label)) return "dropping it would lose its rows";
  if (label.startsWith("sequence ")) return "dropping it would lose where it has come to";
  return "others may need it, or hold values of it";
}

/** How an object without rows of its own is dropped; undefined for what may hold data or others need. */
function dropSql(label: string): string | undefined {
  const [, kind = "", name = ""] =
    /^((?:materialized )?[a-z]+(?: key| trigger)?) (.*)$/s.exec(label) ?? [];
  switch (kind) {
    case "index":
    case "view":
    case "materialized view":
    case "function":
    case "procedure":
    case "aggregate":
    case "statistics":
    case "event trigger":
    case "publication":
      return `DROP ${kind.toUpperCase()} ${name}`;
    case "trigger":
    case "policy":
    case "rule":
      return onTable(name, (part, table) => `DROP ${kind.toUpperCase()} ${part} ON ${table}`);
    case "constraint":
      return onTable(name, (part, table) => `ALTER TABLE ${table} DROP CONSTRAINT ${part}`);
    case "foreign key":
      return onTable(name, (part, table) => `ALTER TABLE ${table} DROP CONSTRAINT ${part}`, " of ");
    default:
      return undefined;
  }
}

/** A name may hold " on " between its quotes: only outside of them it parts the two. */
function onTable(
  text: string,
  write: (part: string, table: string) => string,
  between = " on ",
): string | undefined {
  const pattern = new RegExp(`^("(?:[^"]|"")*"|[^" ]+)${between}(.+)$`, "s");
  const [, part, table] = pattern.exec(text) ?? [];
  return part === undefined || table === undefined ? undefined : write(part, table);
}

function change(
  { label, statements: was }: DumpedObject,
  { statements: is }: DumpedObject,
  parent: Parent | undefined,
): DescribedChange {
  if (label.startsWith("table ")) {
    return tableDifference(label.slice("table ".length), was, is, parent);
  }
  const [oldMain = "", ...oldRest] = was;
  const [main = "", ...rest] = is;
  const around = restDifference(oldRest, rest);
  if (oldMain === main) return around;
  const words = [`it ${describeDefinition(oldMain, main)}`, ...around.words];
  const drop = dropSql(label);
  if (/^(?:function|procedure) /.test(label) && returnsSame(oldMain, main)) {
    const replace = main.replace(/^CREATE /, "CREATE OR REPLACE ");
    return { words, sql: [replace, ...around.sql], leftOut: around.leftOut };
  }
  const isReplaceable = /^(?:index|trigger|policy|rule|statistics|constraint|foreign key) /.test(
    label,
  );
  // Dropping the parent's index has dropped this one.
  if (parent && parent.was[0] !== parent.is[0]) return { words, sql: is, leftOut: [] };
  if (drop !== undefined && isReplaceable) return { words, sql: [drop, ...is], leftOut: [] };
  const why = "it would have to be made anew, and others may need it";
  return { words, sql: [], leftOut: [{ what: label, why }] };
}

/** CREATE OR REPLACE refuses another return type; names of parameters are in the head, too. */
function returnsSame(before: string, after: string): boolean {
  const head = (sql: string) => sql.slice(0, sql.search(/\n LANGUAGE |\n LANGUAGE|$/));
  return head(before) === head(after);
}
