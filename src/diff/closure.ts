/** Which steps cannot be taken because of others that are left out. */
import { parentOf } from "../schema/attached.ts";
import type { DumpedObject } from "../schema/dump.ts";
import { tokensOf } from "../schema/tokens.ts";
import type { Node, Step } from "./step.ts";
import { nodeName } from "./step.ts";
import { parentsOf, usersOf } from "./users.ts";

/** The steps for one object. */
export interface Planned {
  readonly label: string;
  readonly steps: readonly Step[];
  /** As it is on either side, undefined where it is not there. */
  readonly was: DumpedObject | undefined;
  readonly is: DumpedObject | undefined;
}

export interface Closure {
  /** Why a step is left out. */
  readonly left: ReadonlyMap<Step, string>;
  /** Drops that make way for others. */
  readonly first: ReadonlySet<Step>;
}

/**
 * Leaves out what needs something that is left out, what would take a name that is not free, and
 * the drop of what something needs that stays; again and again, until nothing more follows. Drops
 * that must come before others' are put first.
 */
export function closeOver(objects: readonly Planned[], from: readonly DumpedObject[]): Closure {
  const left = new Map<Step, string>();
  const first = new Set<Step>();
  const all = objects.flatMap((object) => object.steps.map((step) => ({ object, step })));
  const byLabel = new Map(objects.map((object) => [object.label, object]));
  for (const { step } of all) {
    if (step.why !== undefined) left.set(step, step.why);
    if (step.when === "first") first.add(step);
  }
  const users = usersOf(from);
  const known = new Map(from.map((object) => [object.label, object]));
  const parents = parentsOf(from);
  const owners = new Map<string, Step[]>();
  for (const { step } of all) {
    for (const name of step.frees ?? []) owners.set(name, [...(owners.get(name) ?? []), step]);
  }
  const checks = [
    whyFollowing,
    whyGrouped,
    whyBlocked,
    whyNameTaken,
    whyUsed,
    whyAttached,
    whyLosing,
    whyHeld,
    whyAttribute,
    whyHeirs,
  ];
  for (let size = -1; size !== left.size + first.size;) {
    size = left.size + first.size;
    for (const { object, step } of all) {
      for (const check of checks) {
        if (left.has(step)) break;
        const why = check(object, step);
        if (why !== undefined) left.set(step, why);
      }
    }
  }
  return { left, first };

  function whyFollowing(_: Planned, { follows }: Step): string | undefined {
    const lost = follows && leftSteps(follows.label).find((step) => isAbout(step, follows.part));
    return lost && `it comes with ${nodeName(follows)}, which is left out`;
  }

  function whyGrouped({ steps }: Planned, { group }: Step): string | undefined {
    const other = steps.find(
      (step) => group !== undefined && step.group === group && left.has(step),
    );
    return other && left.get(other);
  }

  /** It needs what is not there. */
  function whyBlocked({ label, is }: Planned, step: Step): string | undefined {
    const { makes, sql } = step;
    if (makes === undefined || step.isNullable === true || !is) return undefined;
    // What the parent makes has been held against what the parent needs.
    if (step.follows && sql.every((one) => / RENAME CONSTRAINT /.test(one))) return undefined;
    for (const { part, on, onPart } of is.needs) {
      if (makes !== "" && part !== makes) continue;
      const node = blocked({ label: on, part: onPart }, step);
      if (node) return needing(node, label);
    }
    const parent = parentOf(is);
    const attaches = sql.some((one) => / ATTACH PARTITION /.test(one));
    if (parent === undefined || !attaches || !label.startsWith("table ")) return undefined;
    const lost = leftSteps(parent).find(
      ({ isAttribute, blocks }) =>
        isAttribute !== true && (blocks === undefined || sql.some(blocks)),
    );
    return lost && `it needs ${lost.what} of ${parent} as it is to be, which is left out`;
  }

  function whyNameTaken(object: Planned, step: Step): string | undefined {
    const { takes } = step;
    for (const name of takes ?? []) {
      for (const owner of owners.get(name) ?? []) {
        if (object.steps.includes(owner)) continue;
        // A key that gets another name gives up its own before anything is made.
        const isInTime =
          owner.when === "next" && owner.makes !== undefined
            ? step.when === "main"
            : comesFirst(owner);
        if (!left.has(owner) && !isInTime && step.when === "next")
          return `${owner.what} has its name until then`;
        if (left.has(owner) || !isInTime)
          return `${owner.what}, which stays, has its ${name.startsWith("place ") ? "place" : "name"}`;
      }
    }
    const own = object.steps.find(
      (one) => left.has(one) && one.frees?.some((name) => takes?.includes(name)),
    );
    return own && left.get(own);
  }

  /** Something that stays needs it. */
  function whyUsed({ label }: Planned, step: Step): string | undefined {
    if (step.ends === undefined || step.isDrop !== true) return undefined;
    for (const user of users.get(label) ?? []) {
      const isUsed = step.ends === "" || user.onPart === step.ends;
      const isItself = user.label === label && (step.ends === "" || user.part === step.ends);
      if (!isUsed || isItself) continue;
      if (!isGone(user, step)) return `${nodeName(user)} needs it`;
    }
    return undefined;
  }

  /** A partition's index or key is that of the partitioned table, and goes only with it. */
  function whyAttached({ label, was }: Planned, step: Step): string | undefined {
    const { ends, isDrop, follows } = step;
    if (ends === undefined || isDrop !== true || follows || !was) return undefined;
    const parent = was.needs.find(
      ({ part, on, onPart, goesWith }) =>
        goesWith &&
        part === ends &&
        on !== label &&
        (on.startsWith("index ") || onPart.startsWith("constraint ")),
    );
    return (
      parent && `it belongs to ${nodeName({ label: parent.on, part: parent.onPart })}, which stays`
    );
  }

  /** Indexes of partitions, or a view's triggers, go with it, and one that is to stay cannot be made anew. */
  function whyLosing({ label }: Planned, { isDrop, ends }: Step): string | undefined {
    if (isDrop !== true || ends !== "") return undefined;
    if (!/^(?:index|view|materialized view) /.test(label)) return undefined;
    const lost = all.find(
      ({ step }) => step.follows?.label === label && step.makes === "" && left.has(step),
    );
    return lost && `${lost.object.label} goes with it, and cannot be made anew`;
  }

  function whyHeirs({ label }: Planned, { reachesHeirs }: Step): string | undefined {
    if (reachesHeirs !== false) return undefined;
    const [heir] = [...parents].find(([, above]) => above.includes(label)) ?? [];
    return heir && `${heir}, which inherits from it, does not follow`;
  }

  function whyHeld({ steps, was }: Planned, { isNullable, makes }: Step): string | undefined {
    if (isNullable !== true) return undefined;
    const parent = (was && parentOf(was)) ?? "";
    const above = leftSteps(parent).some((one) => one.isNullable === true && one.makes === makes);
    if (above) return `it is NOT NULL in ${parent}`;
    const key = steps.find((step) => left.has(step) && step.holds?.includes(makes ?? "") === true);
    return key && `it is in ${key.what}, which is left out`;
  }

  /** A comment on a column that is not there, or stays though the other schema has none. */
  function whyAttribute({ label, steps }: Planned, step: Step): string | undefined {
    if (step.isAttribute !== true || !label.startsWith("table ")) return undefined;
    const words = new Set(step.sql.flatMap((sql) => tokensOf(sql).map(({ text }) => text)));
    for (const other of steps) {
      if (!left.has(other) || other.isAttribute === true) continue;
      const part = other.makes ?? other.ends ?? other.what;
      const name = /^(?:column|constraint) (.*)$/s.exec(part)?.[1];
      if (name === undefined || !words.has(name)) continue;
      const isThere = other.makes !== undefined && other.makes === other.ends;
      const isBlocked = other.blocks ? step.sql.some(other.blocks) : !isThere;
      if (isBlocked) return `it is about ${part}, which is left out`;
    }
    return undefined;
  }

  function leftSteps(label: string): Step[] {
    return (byLabel.get(label)?.steps ?? []).filter((step) => left.has(step));
  }

  /** What of it is not there, or not as it is to be. */
  function blocked({ label, part }: Node, user: Step): Node | undefined {
    const lost = leftSteps(label).find(
      ({ makes, blocks }) =>
        (makes === "" || makes === part) &&
        makes !== undefined &&
        (blocks === undefined || user.sql.some(blocks)),
    );
    return lost && { label, part: lost.makes ?? "" };
  }

  /** It is dropped or another one before the step; a drop that can be put first, is. */
  function isGone({ label, part }: Node, before: Step): boolean {
    const ends = (byLabel.get(label)?.steps ?? []).filter(
      (step) => (step.ends === "" || step.ends === part) && !left.has(step),
    );
    if (ends.length === 0) {
      // ALTER COLUMN reaches what inherits from the table.
      const above = part === "" ? [] : (parents.get(label) ?? []);
      if (above.some((parent) => isGone({ label: parent, part }, before))) return true;
      // A partition's constraint goes with that of its table, also where the partition stays.
      const inherited = known
        .get(label)
        ?.needs.filter((need) => need.part === part && need.onPart.startsWith("constraint "));
      return (
        inherited?.some(
          ({ on, onPart, goesWith }) => goesWith && isGone({ label: on, part: onPart }, before),
        ) === true
      );
    }
    if (before.when === "last" && !first.has(before)) return true;
    // All that can be put first, is: a domain's default and its constraint may call the same function.
    return ends.filter(comesFirst).length > 0;
  }

  function comesFirst(step: Step): boolean {
    const { follows } = step;
    if (follows && step.isDrop === true && step.makes === undefined) {
      const above = byLabel.get(follows.label)?.steps ?? [];
      return above.some(
        (one) => one.isDrop === true && one.ends === follows.part && comesFirst(one),
      );
    }
    const isPlainDrop = step.isDrop === true && step.makes === undefined && !step.follows;
    if ((isPlainDrop || step.isMovable === true) && !left.has(step)) first.add(step);
    return first.has(step);
  }
}

function isAbout({ makes, ends }: Step, part: string): boolean {
  return [makes, ends].some((one) => one !== undefined && (one === "" || one === part));
}

function needing(node: Node, label: string): string {
  const own = node.part === "" ? "the table as it is to be" : node.part;
  const name = node.label === label ? own : nodeName(node);
  return `it needs ${name}, which is left out`;
}
