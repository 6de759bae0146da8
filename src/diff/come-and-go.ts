/** What is to be done about an object that is there on one side only. */
import { parentOf } from "../schema/attached.ts";
import type { DumpedObject } from "../schema/dump.ts";
import type { Anew } from "./anew.ts";
import { broken, isBroken, makesIt } from "./made.ts";
import type { Objects } from "./attached.ts";
import { indexesBelow, isMadeAnew, placeOf, stalePartitions } from "./attached.ts";
import { withFreshRights } from "./default-rights.ts";
import { dropSql, whyNotDropped } from "./drop.ts";
import { grantedDifference, isGrantedOnward } from "./granted.ts";
import { constraintNames, namesOf } from "./names.ts";
import { restDifference } from "./rest.ts";
import type { Step } from "./step.ts";
import { bodyOf } from "./constraint.ts";
import { readTable } from "../schema/compare/table-elements.ts";
import { ident } from "../db/identifier.ts";

export function removedObject(
  object: DumpedObject,
  before: Objects,
  after: Objects,
  anew: Anew,
): readonly Step[] {
  const { label, relation, isPart } = object;
  const step = { what: label, sql: [], when: "last", ends: "", isDrop: true } as const;
  const above = goingView(object, before, after, anew);
  if (above !== undefined) {
    return [{ ...step, frees: takenBy(object), follows: { label: above, part: "" } }];
  }
  const view = /^placeholder of (.*)$/s.exec(label)?.[1];
  if (view !== undefined) return [{ ...step, follows: { label: view, part: "" } }];
  if (isGrantedOnward(label)) return grantedDifference(label, object.statements, []).steps;
  if (!isBroken(object) && !label.startsWith("table ") && !makesIt(object)) {
    // Nothing makes it but what follows other CREATEs: rights by default, a comment.
    const when = label.startsWith("comment ") ? "first" : "last";
    return restDifference(object.statements, []).steps.map((one) => ({ ...one, when }));
  }
  const frees = [...takenBy(object), ...indexesBelow(label, before)];
  const parent = label.startsWith("index ") ? parentOf(object) : undefined;
  if (parent !== undefined && isMadeAnew(parent, before, after)) {
    return [{ ...step, frees, follows: { label: parent, part: "" } }];
  }
  frees.push(...placeOf(object));
  const table = `table ${relation ?? ""}`;
  if (isPart && before.has(table) && !after.has(table)) {
    return [{ ...step, frees, why: `it goes with ${table}, which is left out` }];
  }
  const drop = dropSql(label);
  if (drop === undefined) return [{ ...step, frees, why: whyNotDropped(label) }];
  // Each partition that is attached while it is there would get one like it.
  const isOfTree = / ON ONLY /.test(object.statements[0] ?? "");
  return [{ ...step, frees, sql: [drop], when: isOfTree ? "first" : "last" }];
}

/** The view that is dropped, or dropped and made anew, and takes this one along. */
function goingView(
  { label, relation, isPart }: DumpedObject,
  before: Objects,
  after: Objects,
  anew: Anew,
): string | undefined {
  const target = /^privileges on TABLE (.*) granted by /s.exec(label)?.[1];
  const name = target ?? (isPart ? relation : undefined);
  if (name === undefined) return undefined;
  return [`view ${name}`, `materialized view ${name}`].find(
    (view) => before.has(view) && (anew.has(view) || !after.has(view)),
  );
}

export function addedObject(
  object: DumpedObject,
  before: Objects,
  after: Objects,
): readonly Step[] {
  const { label, statements } = object;
  const step = {
    what: label,
    when: "main",
    makes: "",
    takes: [...takenBy(object), ...placeOf(object)],
  } as const;
  if (isBroken(object)) return [{ ...step, sql: [], why: broken }];
  const view = /^placeholder of (.*)$/s.exec(label)?.[1];
  if (view !== undefined && before.has(view)) {
    return [{ ...step, takes: [], sql: [], follows: { label: view, part: "" } }];
  }
  if (isGrantedOnward(label)) return grantedDifference(label, [], statements).steps;
  if (statements.length > 0 && !label.startsWith("table ") && !makesIt(object)) {
    return restDifference([], statements).steps;
  }
  const why = whyNotBeside(object, before, after);
  return [
    why === undefined
      ? { ...step, sql: withFreshRights(object, before) }
      : { ...step, sql: [], why },
  ];
}

/** A partition that stays, though the other schema has it no more, or elsewhere. */
function whyNotBeside(object: DumpedObject, before: Objects, after: Objects): string | undefined {
  const parent = parentOf(object);
  if (object.label.startsWith("table ") && parent !== undefined) {
    const [stale] = stalePartitions(parent, before, after);
    return stale && `its bounds may overlap those of ${stale}, which stays as it is`;
  }
  if (!/^(?:index|constraint) /.test(object.label)) return undefined;
  const [stale] = stalePartitions(`table ${object.relation ?? ""}`, before, after).filter(
    (label) => !after.has(label),
  );
  return stale && `${stale}, which stays, would have no index for it`;
}

/** Names of the object, and of a table's keys. */
function takenBy({ label, statements }: DumpedObject): string[] {
  const own = namesOf(label);
  if (label.startsWith("constraint ")) {
    const [, table = "", name = "", text = ""] =
      /^ALTER TABLE (?:ONLY )?(.*?) ADD CONSTRAINT ("(?:[^"]|"")*"|[^\s"]+) (.*)$/s.exec(
        statements[0] ?? "",
      ) ?? [];
    return name === "" ? own : constraintNames(name, table, text);
  }
  if (!label.startsWith("table ")) return own;
  const table = label.slice("table ".length);
  const elements = readTable(statements[0] ?? "")?.elements ?? [];
  const keys = elements.filter(({ kind, name }) => kind === "constraint" && name !== "");
  return [
    ...own,
    ...keys.flatMap(({ name, text }) => constraintNames(ident(name), table, bodyOf(text))),
  ];
}
