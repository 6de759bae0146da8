/** ALTER TABLE for one column that is new, gone or another one. */
import { ident, literal } from "../db/identifier.ts";
import { inOneLine } from "../schema/compare/words.ts";
import type { ColumnParts } from "../schema/compare/column-words.ts";
import { readColumn } from "../schema/compare/column-words.ts";
import type { TableElement } from "../schema/compare/table-elements.ts";
import { narrowed, sequenceChange } from "./sequence.ts";

export interface ColumnSteps {
  /** Without `ALTER TABLE x`. */
  readonly actions: readonly string[];
  /** Why the rest of it, or all, has no action; undefined where the actions bring about all of it. */
  readonly why?: string;
  /** What is left out is NOT NULL alone, which only keys need. */
  readonly isOnlyNotNull?: boolean;
}

/**
 * ADD COLUMN, and ALTER COLUMN for a default, options, compression, an identity's sequence and dropping NOT NULL: what loses
 * nothing, and fails on no row.
 *
 * @param element The column as it is to be; as it was, where it is gone.
 * @param before Its text as it was, null where it is new.
 */
export function columnSteps(
  element: TableElement,
  before: string | null,
  isGone: boolean,
): ColumnSteps {
  if (isGone) return { actions: [], why: "dropping it would lose its values" };
  const has = readColumn(element.text);
  if (!has) return { actions: [], why: "its type stands elsewhere" };
  if (before === null) {
    const rest = has.rest.join(" ");
    const hasValue = has.default !== undefined || /\bGENERATED\b/.test(rest);
    const isRequired = has.isNotNull || /\bNOT NULL\b/.test(rest);
    return isRequired && !hasValue
      ? { actions: [], why: "it is NOT NULL, and rows that are there would have no value for it" }
      : { actions: [`ADD COLUMN ${element.text}`] };
  }
  const had = readColumn(before);
  if (!had) return { actions: [], why: "its type stood elsewhere" };
  if (had.type !== has.type) {
    return { actions: [], why: "another type can fail on its values, or change them" };
  }
  const column = `ALTER COLUMN ${ident(element.name)}`;
  const identity = otherIdentity(column, had, has);
  if (!identity && had.rest.join() !== has.rest.join()) {
    const [was, is] = [had, has].map(({ rest }) => inOneLine(rest.join(" ")) || "none");
    return { actions: [], why: `no safe way is known from \`${was}\` to \`${is}\`` };
  }
  const actions: string[] = [...(identity?.actions ?? [])];
  if (had.default !== has.default) {
    actions.push(
      has.default === undefined ? `${column} DROP DEFAULT` : `${column} SET DEFAULT ${has.default}`,
    );
  }
  const options = otherOptions(had, has);
  if (options.length > 0) actions.push(`${column} OPTIONS (${options.join(", ")})`);
  if (had.compression !== has.compression) {
    actions.push(`${column} SET COMPRESSION ${has.compression ?? "default"}`);
  }
  if (had.isNotNull && !has.isNotNull) actions.push(`${column} DROP NOT NULL`);
  if (identity?.why !== undefined) return { actions, why: identity.why };
  return !had.isNotNull && has.isNotNull
    ? { actions, why: "SET NOT NULL fails where a row has NULL", isOnlyNotNull: true }
    : { actions };
}

/** What ALTER COLUMN … OPTIONS says of those that come, go, or have another value. */
function otherOptions(was: ColumnParts, is: ColumnParts): string[] {
  const [had, has] = [was, is].map(
    ({ options }) => new Map(options.map(({ name, value }) => [name, value])),
  );
  return [
    ...was.options
      .filter(({ name }) => has?.has(name) !== true)
      .map(({ name }) => `DROP ${ident(name)}`),
    ...is.options
      .filter(({ name, value }) => had?.get(name) !== value)
      .map(
        ({ name, value }) =>
          `${had?.has(name) === true ? "SET" : "ADD"} ${ident(name)} ${literal(value)}`,
      ),
  ];
}

/** ALTER COLUMN … SET for an identity that stays one; undefined for any other difference, and none. */
function otherIdentity(column: string, was: ColumnParts, is: ColumnParts): ColumnSteps | undefined {
  const [had, has] = [was, is].map(readIdentity);
  if (!had || !has || had.others !== has.others || had.name !== has.name) return undefined;
  const kind = had.kind === has.kind ? [] : [`${column} SET GENERATED ${has.kind}`];
  const change = sequenceChange(
    { type: was.type, options: had.options },
    { type: is.type, options: has.options },
  );
  if (change.options.length === 0) return { actions: kind };
  const action = `${column} ${change.options.map((option) => `SET ${option}`).join(" ")}`;
  return change.isNarrowed
    ? { actions: kind, why: narrowed(action) }
    : { actions: [...kind, action] };
}

function readIdentity({ rest }: ColumnParts) {
  const pattern = /^GENERATED (ALWAYS|BY DEFAULT) AS IDENTITY(?: \((.*)\))?$/s;
  const text = rest.find((piece) => pattern.test(piece));
  if (text === undefined) return undefined;
  const [, kind = "", all = ""] = pattern.exec(text) ?? [];
  const [name = ""] = /^SEQUENCE NAME (?:"(?:[^"]|"")*"|[^\s"])+/.exec(all) ?? [];
  const others = rest.filter((piece) => piece !== text).join();
  return { kind, name, options: all.slice(name.length), others };
}
