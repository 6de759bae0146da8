/** Keys that are there on both sides under another name. */
import { ident } from "../db/identifier.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { bodyOf, constraintName } from "./constraint.ts";
import { constraintNames } from "./names.ts";
import type { Step } from "./step.ts";

/** A key as it was called, and as it is to be. */
export interface Renamed {
  readonly was: TableDifference;
  readonly is: TableDifference;
}

const key = /^(?:PRIMARY KEY|UNIQUE|EXCLUDE)\b/;

/**
 * Pairs of keys with the same definition. Foreign keys hold the key itself and not its name, so it
 * may be called otherwise where it cannot be dropped.
 *
 * @param above What differs in the partitioned table: where a key comes or goes with that one's, it
 * is no renamed one.
 */
export function renamedKeys(
  parts: readonly TableDifference[],
  above: readonly TableDifference[] = [],
): readonly Renamed[] {
  const isGiven = (body: string) =>
    oneSided(above, "gone", body).length !== oneSided(above, "new", body).length;
  const taken = new Set<TableDifference>();
  return parts.flatMap((was) => {
    if (was.kind !== "gone" || was.element?.kind !== "constraint" || was.element.name === "") {
      return [];
    }
    const body = bodyOf(was.element.text);
    if (!key.test(body) || isGiven(body)) return [];
    const is = oneSided(parts, "new", body).find((one) => !taken.has(one));
    if (!is) return [];
    taken.add(is);
    return [{ was, is }];
  });
}

function oneSided(parts: readonly TableDifference[], kind: "gone" | "new", body: string) {
  return parts.filter(
    ({ kind: own, element }) =>
      own === kind &&
      element?.kind === "constraint" &&
      element.name !== "" &&
      bodyOf(element.text) === body,
  );
}

/** @param table As SQL. */
export function renameSteps(table: string, { was, is }: Renamed): Step[] {
  const [from, to] = [was, is].map(constraintName);
  const names = (name = "") => constraintNames(name, table, bodyOf(is.element?.text ?? ""));
  return [
    {
      what: `constraint ${to}`,
      sql: [`ALTER TABLE ${table} RENAME CONSTRAINT ${from} TO ${to}`],
      // After the drops, and before what may want the name that it has had.
      when: "next",
      makes: `constraint ${to}`,
      takes: names(to),
      frees: names(from),
    },
  ];
}

export function sayRenamed({ was, is }: Renamed): string {
  const { name = "" } = was.element ?? {};
  return `constraint ${constraintName(is)} was called ${ident(name)}`;
}
