/** What is to be done about an object that is there on both sides. */
import { literal } from "../db/identifier.ts";
import { parseScript } from "../db/script.ts";
import { as, stringsOf } from "../db/tree.ts";
import { parentOf } from "../schema/attached.ts";
import { describeDefinition } from "../schema/compare/words.ts";
import type { DumpedObject } from "../schema/dump.ts";
import type { Objects } from "./attached.ts";
import { indexesBelow, isMadeAnew, parentBefore, placeOf } from "./attached.ts";
import { dropSql } from "./drop.ts";
import { namesOf } from "./names.ts";
import { restDifference } from "./rest.ts";
import type { Described, Step } from "./step.ts";
import { tableDifference } from "./table.ts";

/** An invalid index is there, and a dump leaves out how it is made. */
export const isBroken = ({ label, statements }: DumpedObject) =>
  label.startsWith("index ") && statements.length === 0;

export const broken = "a concurrent build of it failed or is still running";

export function changedObject(
  was: DumpedObject,
  is: DumpedObject,
  before: Objects,
  after: Objects,
): Described {
  const { label } = is;
  if (isBroken(is)) {
    return {
      words: ["is invalid"],
      steps: [{ what: label, sql: [], why: broken, when: "main", makes: "" }],
    };
  }
  if (isBroken(was)) {
    return { words: ["was invalid"], steps: remade(was, is, before) };
  }
  if (label.startsWith("table ")) {
    const parent = parentBefore(was, before, after);
    return tableDifference(label, was.statements, is.statements, parent);
  }
  const goingWith = label.startsWith("index ") ? parentOf(was) : undefined;
  if (goingWith !== undefined && isMadeAnew(goingWith, before, after)) {
    return wentWith(goingWith, was, is);
  }
  if (![was, is].every(makesIt)) return restDifference(was.statements, is.statements);
  const [oldMain = "", ...oldRest] = was.statements;
  const [main = "", ...rest] = is.statements;
  const around = restDifference(oldRest, rest);
  if (oldMain === main)
    return { ...around, steps: around.steps.map((step) => attached(step, was, is)) };
  const words = [`it ${describeDefinition(oldMain, main)}`, ...around.words];
  return { words, steps: otherDefinition(was, is, before, around.steps) };
}

/** The CREATE of an object; what is there anyway, such as the schema public, has none. */
export function makesIt({ statements: [first = ""] }: DumpedObject): boolean {
  return first.startsWith("CREATE ") || /^ALTER (?:TABLE|DOMAIN) .*? ADD /s.test(first);
}

function otherDefinition(
  was: DumpedObject,
  is: DumpedObject,
  before: Objects,
  around: readonly Step[],
): Step[] {
  const { label } = is;
  const [oldMain = "", main = ""] = [was, is].map(({ statements: [first] }) => first);
  const step = { what: label, when: "main", makes: "", ends: "" } as const;
  if (/^(?:function|procedure) /.test(label) && returnsSame(oldMain, main)) {
    const replace = main.replace(/^CREATE /, "CREATE OR REPLACE ");
    return [{ ...step, sql: [replace] }, ...around];
  }
  const labels = newLabels(label, oldMain, main);
  if (labels !== undefined) return [{ ...step, sql: labels }, ...around];
  if (
    dropSql(label) !== undefined &&
    /^(?:constraint|foreign key|index|trigger|policy|rule|statistics) /.test(label)
  ) {
    return remade(was, is, before);
  }
  return [{ what: label, sql: [], when: "main", makes: "", ...whyNot(label, oldMain, main) }];
}

/** Its drop may have to come before others', so it stands by itself. */
function remade(was: DumpedObject, is: DumpedObject, before: Objects): Step[] {
  const { label, statements } = is;
  const common = { what: label, when: "main", group: label } as const;
  const names = namesOf(label);
  const frees = [...names, ...placeOf(was), ...indexesBelow(label, before)];
  // Each new partition would get an index like that of its table as it was, under a name of
  // PostgreSQL's choice.
  const when = / ON ONLY /.test(was.statements[0] ?? "") ? "first" : "main";
  const drop = { ...common, sql: [dropSql(label) ?? ""], when, ends: "", isDrop: true, frees } as const;
  return [drop, { ...common, sql: statements, makes: "", takes: [...names, ...placeOf(is)] }];
}

/** Dropping the index of the partitioned table has dropped this one. */
function wentWith(parent: string, was: DumpedObject, is: DumpedObject): Described {
  const { label, statements } = is;
  const around = restDifference(was.statements.slice(1), statements.slice(1));
  const [old = "", now = ""] = [was, is].map(({ statements: [first] }) => first);
  const words = old === now ? [] : [`it ${describeDefinition(old, now)}`];
  const follows = { label: parent, part: "" };
  return {
    words: [...words, ...around.words, `it goes with ${parent}, and is made anew`],
    steps: [
      {
        what: label,
        sql: statements,
        when: "main",
        makes: "",
        ends: "",
        follows,
        takes: [...namesOf(label), ...placeOf(is)],
      },
    ],
  };
}

/** An index that is attached to another one, or to one more. */
function attached(step: Step, was: DumpedObject, is: DumpedObject): Step {
  if (!/^ALTER INDEX .* ATTACH PARTITION /s.test(step.what)) return step;
  return step.why === undefined
    ? { ...step, makes: "", takes: placeOf(is) }
    : { ...step, why: "PostgreSQL cannot detach an index", frees: placeOf(was) };
}

function whyNot(label: string, before: string, now: string): Pick<Step, "why" | "blocks"> {
  if (label.startsWith("sequence ")) {
    return { why: "no ALTER SEQUENCE is derived for it", blocks: () => false };
  }
  const [had, has] = [before, now].map(enumLabels);
  if (had && has) {
    const fresh = has.filter((one) => !had.includes(one)).map(literal);
    return {
      why: "no ALTER TYPE is derived for it",
      blocks: (sql) => fresh.some((one) => sql.includes(one)),
    };
  }
  if (/^(?:type|domain) /.test(label)) {
    return { why: `no ALTER ${/^[a-z]+/.exec(label)?.[0].toUpperCase() ?? ""} is derived for it` };
  }
  return { why: "it would have to be made anew, and others may need it" };
}

/** How an enum comes to its labels where none goes and none moves; undefined for anything else. */
function newLabels(label: string, before: string, now: string): string[] | undefined {
  const [had, has] = [before, now].map(enumLabels);
  if (!had || !has || !isOrderKept(had, has)) return undefined;
  return has.flatMap((one, at) => {
    if (had.includes(one)) return [];
    // The one before it is there by then; before the first stands none.
    const [previous] = has.slice(0, at).slice(-1);
    const place =
      previous === undefined ? `BEFORE ${literal(had[0] ?? "")}` : `AFTER ${literal(previous)}`;
    const where = had.length === 0 ? "" : ` ${place}`;
    return [`ALTER ${label.replace(/^type /, "TYPE ")} ADD VALUE ${literal(one)}${where}`];
  });
}

function isOrderKept(had: readonly string[], has: readonly string[]): boolean {
  const kept = has.filter((one) => had.includes(one));
  return kept.length === had.length && kept.every((one, at) => one === had[at]);
}

function enumLabels(statement: string): string[] | undefined {
  const type = as(parseScript(statement)[0]?.node, "CreateEnumStmt");
  return type && stringsOf(type.vals);
}

/** CREATE OR REPLACE refuses another return type; names of parameters are in the head, too. */
function returnsSame(before: string, after: string): boolean {
  const head = (sql: string) => sql.slice(0, sql.search(/\n LANGUAGE |$/));
  return head(before) === head(after);
}
