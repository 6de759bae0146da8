/** Two texts of one column, and what is different about it in words. */
import { parseScript } from "../../db/script.ts";
import { allOf, as } from "../../db/tree.ts";

/** A column as CREATE TABLE has it. */
export interface ColumnParts {
  /** Type and collation, as written after the name. */
  readonly type: string;
  /** `lz4`; undefined for what the server has by default. */
  readonly compression: string | undefined;
  readonly isNotNull: boolean;
  readonly default: string | undefined;
  /** All else: identity, generated columns, a named NOT NULL. */
  readonly rest: readonly string[];
}

/**
 * "has the type `text` and had `varchar(80)`", "takes NULL and did not".
 *
 * @param before `email text NOT NULL`, as it stands in CREATE TABLE.
 */
export function describeColumn(before: string, now: string): string {
  const [had, has] = [readColumn(before), readColumn(now)];
  if (!had || !has) return `is \`${now}\` and was \`${before}\``;
  const said = [
    ...(has.type === had.type ? [] : [`has the type \`${has.type}\` and had \`${had.type}\``]),
    ...(has.compression === had.compression
      ? []
      : [
          `is compressed by ${has.compression ?? "the default"} and was by ${had.compression ?? "the default"}`,
        ]),
    ...(has.isNotNull === had.isNotNull
      ? []
      : [has.isNotNull ? "is NOT NULL and was not" : "takes NULL and did not"]),
    ...(has.default === had.default ? [] : [describeDefaults(had.default, has.default)]),
  ];
  if (has.rest.join() !== had.rest.join()) return `is \`${now}\` and was \`${before}\``;
  return said.join(", ");
}

function describeDefaults(before: string | undefined, now: string | undefined): string {
  const [had, has] = [before, now].map((text) => (text === undefined ? "none" : `\`${text}\``));
  if (now === undefined) return `has no default and had ${had}`;
  return before === undefined
    ? `has the default ${has} and had none`
    : `has the default ${has} and had ${had}`;
}

/** Undefined for what stands for a column without its type, as in a table OF a type. */
export function readColumn(text: string): ColumnParts | undefined {
  const script = `CREATE TABLE t (${text})`;
  const [parsed] = parseScript(script);
  const [column] = allOf(as(parsed?.node, "CreateStmt")?.tableElts, "ColumnDef");
  const typeAt = column?.typeName?.location;
  if (!column || typeAt === undefined) return undefined;
  const bytes = Buffer.from(script);
  // A default's own text begins after its key word; the parser has the place of the word.
  const constraints = allOf(column.constraints, "Constraint").map((constraint) => ({
    kind: constraint.contype,
    isNamed: constraint.conname !== undefined,
    start: constraint.location ?? bytes.length,
  }));
  const end = bytes.length - 1;
  const slice = (from: number, to: number) => bytes.subarray(from, to).toString().trim();
  const pieces = constraints.map((constraint, index) => ({
    ...constraint,
    text: slice(constraint.start, constraints[index + 1]?.start ?? end),
  }));
  const given = pieces.find(({ kind }) => kind === "CONSTR_DEFAULT");
  const notNull = pieces.find(
    ({ kind, text: piece }) => kind === "CONSTR_NOTNULL" && piece === "NOT NULL",
  );
  const { compression } = column;
  const type = slice(typeAt, constraints[0]?.start ?? end);
  return {
    type: compression === undefined ? type : type.replace(` COMPRESSION ${compression}`, ""),
    compression,
    isNotNull: notNull !== undefined,
    default: given?.text.replace(/^DEFAULT\s+/i, ""),
    rest: pieces.filter((piece) => piece !== given && piece !== notNull).map((piece) => piece.text),
  };
}
