/** ALTER TYPE for a composite type, whose attributes are written like the columns of a table. */
import { ident } from "../db/identifier.ts";
import type { DumpedObject } from "../schema/dump.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { compareTables } from "../schema/compare/words.ts";
import type { Objects } from "./attached.ts";
import { restDifference } from "./rest.ts";
import type { Described, Step } from "./step.ts";
import { describePart } from "./table.ts";
import { partOf } from "./table-part.ts";

/** The same list as a table; undefined where it is no composite type. */
export function asTable(label: string, statement: string): string | undefined {
  const head = `CREATE TYPE ${nameOf(label)} AS (`;
  return label.startsWith("type ") && statement.startsWith(head)
    ? `CREATE TABLE t (${statement.slice(head.length)}`
    : undefined;
}

/**
 * ADD ATTRIBUTE; what would lose or change values is left out. Undefined where it is no composite
 * type on both sides.
 *
 * @param before All of the first schema.
 */
export function changedComposite(
  was: DumpedObject,
  is: DumpedObject,
  before: Objects,
): Described | undefined {
  const { label } = is;
  const [had, has] = [was, is].map(({ statements: [create = ""] }) => asTable(label, create));
  if (had === undefined || has === undefined) return undefined;
  const parts = compareTables(had, has) ?? [];
  const around = restDifference(was.statements.slice(1), is.statements.slice(1));
  const madeOfIt = [...before.values()].find(
    ({ label: other, needs }) =>
      other.startsWith("table ") && needs.some(({ part, on }) => part === "" && on === label),
  );
  return {
    words: [
      ...parts.map((part) => describePart(part).replace(/^(its )?column/, "$1attribute")),
      ...around.words,
    ],
    steps: [...parts.flatMap((part) => stepFor(label, part, madeOfIt?.label)), ...around.steps],
  };
}

function stepFor(
  label: string,
  part: TableDifference,
  madeOfIt: string | undefined,
): readonly Step[] {
  const { kind, element } = part;
  if (!element) return [];
  const step = { what: `attribute ${ident(element.name)}`, when: "main" } as const;
  const leave = (why: string, more: Partial<Step> = {}) => [{ ...step, sql: [], why, ...more }];
  const makes = partOf(part);
  if (kind === "gone") return leave("dropping it would lose its values");
  if (kind === "changed") {
    return leave("another type can fail on its values, or change them", { makes });
  }
  if (madeOfIt !== undefined) return leave(`${madeOfIt} is made of the type`, { makes });
  return [{ ...step, sql: [`ALTER TYPE ${nameOf(label)} ADD ATTRIBUTE ${element.text}`], makes }];
}

function nameOf(label: string): string {
  return label.slice("type ".length);
}
