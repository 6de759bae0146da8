/** How a table differs, and ALTER TABLE for what can be derived. */
import { parseScript } from "../db/script.ts";
import { as } from "../db/tree.ts";
import { ident } from "../db/identifier.ts";
import { readTable } from "../schema/compare/table-elements.ts";
import type { TableDifference } from "../schema/compare/words.ts";
import { compareTables, describeDefinition, inOneLine } from "../schema/compare/words.ts";
import { constraintName, constraintSteps } from "./constraint.ts";
import { ownColumn } from "./own-column.ts";
import { renamedKeys, renameSteps, sayRenamed } from "./renamed.ts";
import { isAboutPart, namesPart, restDifference } from "./rest.ts";
import type { Described, Step } from "./step.ts";
import type { Parent } from "./table-part.ts";
import { elementOf, isAbout, nameOf, partOf } from "./table-part.ts";

/**
 * `label` names the table as SQL. The first of the statements is the CREATE TABLE as the dump writes
 * it. What `parent` hands on to its partition needs no statement of its own, which PostgreSQL would
 * refuse.
 */
export function tableDifference(
  label: string,
  was: readonly string[],
  is: readonly string[],
  parent?: Parent,
): Described {
  const name = label.slice("table ".length);
  const [oldCreate = "", ...oldRest] = was;
  const [create = "", ...rest] = is;
  const parts = compareTables(oldCreate, create) ?? [];
  const above = parent ? (compareTables(parent.was[0] ?? "", parent.is[0] ?? "") ?? []) : [];
  const [before, after] = [oldCreate, create].map(frameOf);
  const isOtherHeir = before?.inherits !== after?.inherits;
  // The default of a partitioned table is not that of its partitions, which may have others.
  const isInTree = parent !== undefined || / PARTITION BY /.test(readTable(create)?.frame ?? "");
  const only = { all: name, one: isInTree ? `ONLY ${name}` : name };
  const renamed = renamedKeys(parts, above);
  const isRenamed = (part: TableDifference) =>
    renamed.some((one) => one.was === part || one.is === part);
  const words = parts.flatMap((part) => {
    const pair = renamed.find((one) => one.is === part);
    if (pair) return [sayRenamed(pair)];
    return isRenamed(part) ? [] : [describePart(part)];
  });
  const steps: Step[] = [];
  const leave = (what: string, why: string, more: Partial<Step> = {}) =>
    steps.push({ what, sql: [], why, when: "main", ...more });
  if (parts.length === 0 && oldCreate !== create) {
    words.push(`it ${describeDefinition(oldCreate, create)}`);
    leave("the table", "no ALTER TABLE is known for it");
  }
  for (const part of parts) {
    const { kind, element } = part;
    const what = nameOf(part);
    if (kind === "around") {
      const why = "no ALTER TABLE is derived for what stands around the columns";
      leave(what, why, before?.kind === after?.kind ? {} : { makes: "" });
    } else if (!element) {
      continue;
    } else if (isRenamed(part)) {
      const pair = renamed.find((one) => one.is === part);
      if (pair) steps.push(...renameSteps(name, pair));
    } else if (isOtherHeir) {
      const why = "it may come or go with what the table inherits from, which is left out";
      leave(what, why, kind === "gone" ? {} : { makes: partOf(part) });
    } else if (element.kind === "column") {
      steps.push(...ownColumn(only, part, above, parent));
    } else if (element.name === "") {
      leave(what, "it has no name");
    } else {
      const inherited = inheritedCheck(part, above, parent);
      if (inherited === undefined) {
        steps.push(...constraintSteps(name, part, above, parent?.label));
      } else leave(what, inherited, { makes: partOf(part), ends: partOf(part) });
    }
  }
  const constraints = parts.filter(
    ({ element, before: text }) => element?.kind === "constraint" && text !== null,
  );
  const around = restDifference(oldRest, rest, {
    dropped: constraints.filter((part) => !isRenamed(part)).map(constraintName),
    renamed: renamed.map(({ was: part }) => constraintName(part)),
  });
  return {
    words: [...words, ...around.words],
    // A constraint comes when the columns are there that it is about; it goes before all of it.
    steps: [
      ...steps.filter(({ what }) => !what.startsWith("constraint ")),
      ...steps.filter(({ what }) => what.startsWith("constraint ")),
      ...again(oldRest, rest, parts),
      ...around.steps,
    ],
  };
}

/** Why a CHECK cannot be dropped from a partition: it is the partitioned table's. */
function inheritedCheck(
  part: TableDifference,
  above: readonly TableDifference[],
  parent: Parent | undefined,
): string | undefined {
  if (!parent || part.before === null || above.some((other) => isAbout(other, part)))
    return undefined;
  const held = elementOf(parent, "constraint", part.element?.name);
  const isCheck = held !== undefined && /^CONSTRAINT .* CHECK /s.test(held.text);
  return isCheck ? `it belongs to ${parent.label}, which keeps it` : undefined;
}

/** What follows the CREATE on both sides, and goes with a constraint that is dropped and made anew. */
function again(
  oldRest: readonly string[],
  rest: readonly string[],
  parts: readonly TableDifference[],
): Step[] {
  return parts.flatMap(({ element, before, now }) => {
    if (element?.kind !== "constraint" || before === null || now === null) return [];
    const name = ident(element.name);
    return rest
      .filter((sql) => oldRest.includes(sql) && isAboutPart(sql) && namesPart(sql, name))
      .map((sql): Step => {
        const group = `constraint ${name}`;
        return { what: group, sql: [sql], when: "main", group };
      });
  });
}

/**
 * Why the columns come to stand in another order, undefined where they do not: PostgreSQL puts a new
 * column behind all others.
 *
 * @param was CREATE TABLE before, `is` what it is to be.
 * @param isLeft Whether a new column, by its name as SQL, is left out, and can only come later.
 */
export function orderLeft(
  was: string,
  is: string,
  isLeft: (name: string) => boolean,
): string | undefined {
  const columns = (text: string) =>
    (readTable(text)?.elements ?? []).flatMap(({ kind, name }) =>
      kind === "column" ? [ident(name)] : [],
    );
  const [had, has] = [columns(was), columns(is)];
  const common = had.filter((name) => has.includes(name));
  if (common.join("\n") !== has.filter((name) => had.includes(name)).join("\n")) {
    return "PostgreSQL cannot change it";
  }
  const fresh = has.filter((name) => !had.includes(name));
  const now = [...common, ...fresh.filter((name) => !isLeft(name)), ...fresh.filter(isLeft)];
  return now.join("\n") === has.join("\n") ? undefined : "PostgreSQL puts new ones last";
}

/** What makes it another kind of table, and what it inherits from. */
function frameOf(statement: string): { kind: string; inherits: string } {
  const [parsed] = parseScript(statement);
  const foreign = as(parsed?.node, "CreateForeignTableStmt");
  const table = as(parsed?.node, "CreateStmt") ?? foreign?.base;
  const strip = (value: unknown) =>
    JSON.stringify(value ?? null, (key, inner: unknown) =>
      key === "location" ? undefined : inner,
    );
  return {
    kind: strip([
      foreign?.servername,
      table?.relation?.relpersistence,
      table?.partspec,
      table?.ofTypename,
    ]),
    inherits: strip(table?.inhRelations),
  };
}

/** One column or constraint, or the order of the columns, in words. */
export function describePart({ kind, element, how, before, now }: TableDifference): string {
  const what = element ? nameOf({ element, kind }) : "it";
  switch (kind) {
    case "gone":
      return `${what} is gone (\`${inOneLine(before ?? "")}\`)`;
    case "new":
      return `${what} is new (\`${inOneLine(now ?? "")}\`)`;
    case "column-order":
      return `its columns ${how}; PostgreSQL cannot change that`;
    case "changed":
    case "around":
      return `${what} ${how}`;
  }
}
