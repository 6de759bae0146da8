/** Two schemas, object by object: what differs, in words and in SQL. */
import type { DumpedObject } from "../schema/dump.ts";
import { madeAnew } from "./anew.ts";
import { isMadeAnew } from "./attached.ts";
import { changedObject } from "./changed.ts";
import type { Closure, Planned } from "./closure.ts";
import { closeOver } from "./closure.ts";
import { addedObject, removedObject } from "./come-and-go.ts";
import { asTable } from "./composite.ts";
import { isBroken } from "./made.ts";
import type { ScriptPart } from "./script.ts";
import { writeScript } from "./script.ts";
import { orderLeft } from "./table.ts";
import { hasOtherColumns } from "./view.ts";

export interface LeftOut {
  /** `column email`, or a statement in short. */
  readonly what: string;
  /** Why no statement is given: what it would lose, what it would fail on, what it needs. */
  readonly why: string;
}

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
  /** The object with which all of it comes or goes: `sql` is empty then. */
  readonly comesWith?: string;
  /** Statements of either side; empty where it has no such object. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface Differences {
  /** First what is gone, the last one first, then what is changed or new. */
  readonly differences: readonly Difference[];
  /** All `sql` of them in the order in which it runs. */
  readonly script: readonly ScriptPart[];
}

interface Compared extends Planned {
  readonly kind: Difference["kind"];
  readonly words: readonly string[];
  /** It is made anew for the sake of another one: where that is left out, it stays. */
  readonly isEqual?: boolean;
}

/** The parser must be loaded. */
export function findDifferences(
  from: readonly DumpedObject[],
  to: readonly DumpedObject[],
): Differences {
  const before = new Map(from.map((object) => [object.label, object]));
  const after = new Map(to.map((object) => [object.label, object]));
  const anew = madeAnew(before, after);
  const removed = from
    .filter(({ label }) => !after.has(label))
    .toReversed()
    .map((was): Compared => {
      const steps = removedObject(was, before, after, anew);
      return { label: was.label, kind: "removed", words: ["is gone"], steps, was, is: undefined };
    });
  const others = to.flatMap((is): Compared[] => {
    const { label, statements } = is;
    const was = before.get(label);
    if (!was) {
      const words = [isBroken(is) ? "is new, and invalid" : "is new"];
      const steps = addedObject(is, before, after);
      return [{ label, kind: "added", words, steps, was, is }];
    }
    const { statements: old } = was;
    const isSame =
      old.length === statements.length &&
      old.every((sql, i) => sql === statements[i]) &&
      !hasOtherColumns(was, is);
    const isWithPartition = label.startsWith("index ") && isMadeAnew(label, before, after);
    if (isSame && !isWithPartition && !anew.has(label)) return [];
    const change = changedObject(was, is, before, after, anew);
    const isEqual = isSame && !isWithPartition;
    // A view that only its dump makes in another way: what differs is what it calls.
    if (change.words.length === 0 && change.steps.length === 0) return [];
    return [{ label, kind: "changed", ...change, was, is, isEqual }];
  });
  const compared = [...removed, ...others];
  const closure = closeOver(compared, from);
  const script = writeScript(compared, closure, { from: placesOf(from), to: placesOf(to) });
  const shown = compared.filter(
    ({ isEqual, steps }) => isEqual !== true || !steps.some((step) => closure.left.has(step)),
  );
  return { differences: shown.map((one) => differenceOf(one, closure, script)), script };
}

function placesOf(objects: readonly DumpedObject[]): ReadonlyMap<string, number> {
  return new Map(objects.map(({ label }, index) => [label, index]));
}

function differenceOf(
  { label, kind, words, steps, was, is }: Compared,
  { left }: Closure,
  script: readonly ScriptPart[],
): Difference {
  const leftOut = new Map<string, string>();
  for (const step of steps) {
    const why = left.get(step);
    if (why !== undefined && !leftOut.has(step.what)) leftOut.set(step.what, why);
  }
  const isTable = label.startsWith("table ");
  const [create, now] = [was, is].map((one) => {
    const [statement] = one?.statements ?? [];
    return isTable || statement === undefined ? statement : asTable(label, statement);
  });
  if (create !== undefined && now !== undefined) {
    const noun = isTable ? "column" : "attribute";
    const why = orderLeft(create, now, (name) => leftOut.has(`${noun} ${name}`));
    if (why !== undefined) leftOut.set(`the order of its ${noun}s`, why);
  }
  const sql = script.flatMap((part) => (part.object === label ? part.sql : []));
  const [first] = steps;
  const comesWith = sql.length === 0 && leftOut.size === 0 ? first?.follows?.label : undefined;
  return {
    object: label,
    kind,
    words,
    sql,
    leftOut: [...leftOut].map(([what, why]) => ({ what, why })),
    ...(comesWith === undefined ? {} : { comesWith }),
    before: was?.statements ?? [],
    after: is?.statements ?? [],
  };
}
