import { qualified } from "../../../../db/identifier.ts";
import type { Tree } from "../../../../db/script.ts";
import { valuesOf } from "../../../../db/tree.ts";
import type { Policy, PolicyDatabase } from "../database.ts";
import { clausesOf, nameOf, objectOf, type Judgement, type Rule } from "../rule.ts";

/**
 * A policy whose subselect comes back to its own table, at once or by the policies of other tables:
 * every statement on the table fails (42P17). PostgreSQL notices while it expands policies, so
 * whether rows are there makes no difference; a table is asked for the second time only where its
 * policies hold a subselect themselves.
 */
export const recursion: Rule = {
  name: "policies/recursion",
  judge(database) {
    const found = new Map<string, Judgement>();
    for (const caller of callersOf(database)) {
      for (const policy of database.policies) {
        if (!isFor(policy, caller) || !policy.table.isOn || found.has(objectOf(policy))) continue;
        const way = findWayBack(policy, caller, database);
        if (way !== undefined) found.set(objectOf(policy), describe(policy, way));
      }
    }
    return [...found.values()];
  },
};

function callersOf({ callers, policies }: PolicyDatabase): ReadonlySet<string>[] {
  const named = policies.flatMap(({ roles, isForOwner }) => (isForOwner ? [] : roles));
  // Also somebody who is in none of the roles: policies for PUBLIC are for everybody.
  const groups: (readonly string[])[] = named.includes("PUBLIC") ? [[], ...callers] : [...callers];
  return groups.map((roles) => new Set(roles));
}

function isFor({ roles }: Policy, caller: ReadonlySet<string>): boolean {
  return roles.some((role) => role === "PUBLIC" || caller.has(role));
}

/** The tables from the policy's subselect back to its own table; undefined where it does not come back. */
function findWayBack(
  policy: Policy,
  caller: ReadonlySet<string>,
  database: PolicyDatabase,
): readonly string[] | undefined {
  const start = policy.table.name;
  const reading = (table: string) =>
    database.policies.filter(
      (one) =>
        one.table.name === table &&
        one.table.isOn &&
        (one.command === "SELECT" || one.command === "ALL") &&
        isFor(one, caller),
    );
  const done = new Set<string>();
  const waiting = readBy([policy], database).map((table): readonly string[] => [table]);
  for (const way of waiting) {
    const table = way.at(-1) ?? "";
    const next = readBy(reading(table), database);
    if (table === start) {
      if (next.length > 0) return way;
      continue;
    }
    if (done.has(table)) continue;
    done.add(table);
    waiting.push(...next.map((after) => [...way, after]));
  }
  return undefined;
}

/** What subselects in USING (and WITH CHECK of the policy itself) read, through views that ask as the caller. */
function readBy(policies: readonly Policy[], { invokerViews }: PolicyDatabase): string[] {
  const ranges = policies
    .flatMap((policy) => clausesOf(policy))
    .flatMap(([, { node }]) => valuesOf(node, "RangeVar") as Tree.RangeVar[]);
  const names = new Set(
    ranges.map(({ schemaname, relname }) => qualified(schemaname ?? "pg_catalog", relname ?? "")),
  );
  // A set is walked on over what is added meanwhile.
  for (const name of names) for (const inner of invokerViews.get(name) ?? []) names.add(inner);
  return [...names].filter((name) => !invokerViews.has(name));
}

function describe(policy: Policy, way: readonly string[]): Judgement {
  const { table } = policy;
  const by = way.slice(0, -1);
  return {
    severity: "error",
    message:
      by.length === 0
        ? `${nameOf(policy)} asks ${table.name} itself, whose policies ask again: PostgreSQL refuses such statements (infinite recursion, 42P17)`
        : `${nameOf(policy)} asks ${by.join(", which asks ")}, whose policies ask ${table.name} again: PostgreSQL refuses such statements (infinite recursion, 42P17)`,
    hint: "ask in a SECURITY DEFINER function of a role with BYPASSRLS, `(SELECT …())`, which is not expanded",
    object: objectOf(policy),
  };
}
