/** Which objects are dropped and made anew: their own change asks for it, or what they need does. */
import { readColumn } from "../schema/compare/column-words.ts";
import { compareTables } from "../schema/compare/words.ts";
import type { DumpedObject } from "../schema/dump.ts";
import { ident } from "../db/identifier.ts";
import type { Objects } from "./attached.ts";
import { changedDomain } from "./domain.ts";
import { makesIt } from "./made.ts";
import { namesOf } from "./names.ts";
import { renamedKeys } from "./renamed.ts";
import { canReplace } from "./routine.ts";
import type { Node } from "./step.ts";
import { parentsOf, usersOf } from "./users.ts";
import { isView, mustBeDropped } from "./view.ts";

/** By label: what it goes with; itself where its own change asks for it. */
export type Anew = ReadonlyMap<string, Node>;

/**
 * A view whose columns are others, a materialized view with another query, a function that returns
 * something else have to go before they can come again; so does what another object of the same name
 * takes the place of, and what needs a key that is another one (GROUP BY). Views, functions, policies,
 * rules and triggers that need one of them go before it and come again behind it. Where something
 * else needs it, such as a column or its default, nothing else goes for its sake.
 */
export function madeAnew(before: Objects, after: Objects): Anew {
  const users = usersOf([...before.values()]);
  const parents = parentsOf([...before.values()]);
  const { constraints, defaults } = partsGone(before, after);
  const found = new Map<string, Node>();
  for (const [label, was] of before) {
    const is = after.get(label);
    if (is && isOwnReason(was, is)) {
      if (!isInCircle(label)) found.set(label, { label, part: "" });
      take(label, { label, part: "" });
    } else if (is && isRecreatable(was)) {
      const need = was.needs.find(({ on, onPart }) => constraints.has(`${on}\n${onPart}`));
      if (need) take(label, { label: need.on, part: need.onPart });
    } else if (!is && isRecreatable(was) && hasSuccessor(label)) {
      take(label, { label, part: "" });
    }
  }
  return found;

  /** With all that needs it, or not at all. */
  function take(label: string, because: Node): void {
    const reached = reach(label, because);
    for (const [one, cause] of reached ?? []) {
      if (after.has(one) && !found.has(one)) found.set(one, cause);
    }
  }

  function reach(label: string, because: Node): ReadonlyMap<string, Node> | undefined {
    const reached = new Map([[label, because]]);
    // What is added while it goes through them is met, too.
    for (const one of reached.keys()) {
      if (isInCircle(one)) return undefined;
      const cause = { label: one, part: "" };
      for (const part of partsOf(one)) reached.set(part, reached.get(part) ?? cause);
      for (const user of users.get(one) ?? []) {
        if (reached.has(user.label) || isGoneAnyway(user)) continue;
        const object = before.get(user.label);
        if (!object || !isRecreatable(object)) return undefined;
        reached.set(user.label, cause);
      }
    }
    return reached;
  }

  /** Its drop is put first where it must, also where it only inherits what is dropped. */
  function isGoneAnyway({ label, part }: Node): boolean {
    const [was, is] = [before.get(label), after.get(label)];
    if (was && is && label.startsWith("domain ")) {
      const steps = changedDomain(label, was.statements, is.statements);
      return steps?.some(({ isMovable, ends }) => isMovable === true && ends === "") === true;
    }
    if (part === "") {
      const goes = /^(?:index|constraint|statistics) /.test(label);
      return goes && was?.statements[0] !== is?.statements[0];
    }
    const key = `${label}\n${part}`;
    if (constraints.has(key) || defaults.has(key)) return true;
    const inherited = (was?.needs ?? []).filter((need) => need.goesWith && need.part === part);
    return [
      ...(parents.get(label) ?? []).map((parent) => ({ label: parent, part })),
      ...inherited
        .filter(({ onPart }) => onPart.startsWith("constraint "))
        .map(({ on, onPart }) => ({ label: on, part: onPart })),
    ].some(isGoneAnyway);
  }

  /** Triggers, rules and indexes go with their view, and rights that others than its owner gave. */
  function partsOf(label: string): string[] {
    const [, kind = "", name = ""] = /^((?:materialized )?[a-z]+) (.*)$/s.exec(label) ?? [];
    const rights = `privileges on ${isView(label) ? "TABLE" : kind.toUpperCase()} ${name} granted by `;
    return [...before.values()]
      .filter(
        (object) =>
          (isView(label) && object.isPart && object.relation === name) ||
          object.label.startsWith(rights),
      )
      .map((object) => object.label);
  }

  /** It and what it calls need each other, so that it is made in two steps. */
  function isInCircle(label: string): boolean {
    return [before, after].some((side) => side.has(`placeholder of ${label}`));
  }

  function hasSuccessor(label: string): boolean {
    const names = namesOf(label);
    return [...after.keys()].some(
      (other) => !before.has(other) && namesOf(other).some((name) => names.includes(name)),
    );
  }
}

function isOwnReason(was: DumpedObject, is: DumpedObject): boolean {
  const { label } = is;
  const [[oldMain = ""], [main = ""]] = [was.statements, is.statements];
  if (isView(label)) return mustBeDropped(was, is);
  if (oldMain === main) return false;
  return /^(?:function|procedure|aggregate) /.test(label) && !canReplace(label, oldMain, main);
}

function isRecreatable(object: DumpedObject): boolean {
  const kinds = /^(?:(?:materialized )?view|function|procedure|aggregate|policy|rule|trigger) /;
  return kinds.test(object.label) && makesIt(object);
}

/** What of a table goes, or is dropped and made anew: `table app.t`, a line break, `constraint c`. */
function partsGone(before: Objects, after: Objects) {
  const [constraints, defaults] = [new Set<string>(), new Set<string>()];
  for (const [label, was] of before) {
    const is = after.get(label);
    if (!is || !label.startsWith("table ") || was.statements[0] === is.statements[0]) continue;
    const parts = compareTables(was.statements[0] ?? "", is.statements[0] ?? "") ?? [];
    const renamed = renamedKeys(parts).map((pair) => pair.was);
    for (const part of parts) {
      const { element, before: had, now } = part;
      if (!element || had === null || renamed.includes(part)) continue;
      const key = `${label}\n${element.kind} ${ident(element.name)}`;
      if (element.kind === "constraint") constraints.add(key);
      else if (now !== null && isOtherDefault(had, now)) defaults.add(key);
    }
  }
  return { constraints, defaults };
}

function isOtherDefault(had: string, has: string): boolean {
  const [was, is] = [had, has].map(readColumn);
  return was?.default !== undefined && was.default !== is?.default && was.type === is?.type;
}
