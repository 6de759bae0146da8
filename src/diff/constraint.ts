/** ALTER TABLE for one constraint that stands in CREATE TABLE. */
import { ident } from "../db/identifier.ts";
import { inheritedName } from "../schema/attached.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { constraintNames } from "./names.ts";
import type { Step } from "./step.ts";

/**
 * How a named constraint goes and comes. What the partitioned table's does is not repeated.
 *
 * @param table As SQL.
 * @param above What differs in the partitioned table.
 */
export function constraintSteps(
  table: string,
  { element, before, now }: TableDifference,
  above: readonly TableDifference[],
  parent = "",
): Step[] {
  const name = element?.name ?? "";
  const part = `constraint ${ident(name)}`;
  const common = { what: part, ...(before !== null && now !== null ? { group: part } : {}) };
  const names = (text: string) => constraintNames(ident(name), table, bodyOf(text));
  const steps: Step[] = [];
  if (before !== null) {
    const parents = handedOn(above, name, before, "before");
    const isCheck = bodyOf(before).startsWith("CHECK");
    const drop = `ALTER TABLE ${table} DROP CONSTRAINT `;
    const ends = { ends: part, isDrop: true, frees: names(before), holds: keyColumns(before) };
    if (parents === undefined) {
      steps.push({ ...common, sql: [`${drop}${ident(name)}`], when: "first", ...ends });
    } else {
      // A partition that was attached with a CHECK of its own keeps it.
      const sql = isCheck ? [`${drop}IF EXISTS ${ident(name)}`] : [];
      const follows = { label: parent, part: `constraint ${ident(parents)}` };
      steps.push({ ...common, sql, when: "next", follows, ...ends });
    }
  }
  if (now === null) return steps;
  const parents = handedOn(above, name, now, "now");
  const makes = { makes: part, takes: names(now), when: "main" } as const;
  if (parents === undefined) {
    return [...steps, { ...common, sql: [`ALTER TABLE ${table} ADD ${now}`], ...makes }];
  }
  const given = inheritedName(unquoted(lastPart(table)), bodyOf(now), parents);
  const rename = `ALTER TABLE ${table} RENAME CONSTRAINT ${ident(given)} TO ${ident(name)}`;
  const follows = { label: parent, part: `constraint ${ident(parents)}` };
  return [...steps, { ...common, sql: given === name ? [] : [rename], follows, ...makes }];
}

/**
 * The parent's constraint that a partition's one comes from, where the parent has it on that side
 * alone. A CHECK has its name, a key its columns.
 */
function handedOn(
  above: readonly TableDifference[],
  name: string,
  text: string,
  side: "before" | "now",
): string | undefined {
  const body = bodyOf(text);
  const isKey = /^(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b/.test(body);
  const found = above.find(({ element, [side]: other }) => {
    const isSame = element?.kind === "constraint" && other !== null && bodyOf(other) === body;
    return isSame && (isKey || element.name === name);
  });
  return found?.element?.name;
}

/** The columns of a primary key, which are NOT NULL by it. */
function keyColumns(text: string): string[] {
  const list = /^PRIMARY KEY \((.*?)\)(?: |$)/s.exec(bodyOf(text))?.[1] ?? "";
  return [...list.matchAll(/"(?:[^"]|"")*"|[^\s,"]+/g)].map(([name]) => `column ${name}`);
}

/** Its name as SQL. */
export function constraintName({ element }: Pick<TableDifference, "element">): string {
  return ident(element?.name ?? "");
}

/** A constraint without its name. */
export function bodyOf(text: string): string {
  return text.replace(/^CONSTRAINT (?:"(?:[^"]|"")*"|[^\s"]+) /, "");
}

/** The name in `schema.name`. */
function lastPart(name: string): string {
  return /(?:"(?:[^"]|"")*"|[^".]+)$/.exec(name)?.[0] ?? name;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
