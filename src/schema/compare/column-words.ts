/** Two texts of one column, and what is different about it in words. */
import { ident, literal } from "../../db/identifier.ts";
import { parseScript } from "../../db/script.ts";
import { allOf, as } from "../../db/tree.ts";

/** A column as CREATE TABLE has it. */
export interface ColumnParts {
  /** Type and collation, as written after the name. */
  readonly type: string;
  /** Of a foreign table's column, for its wrapper. */
  readonly options: readonly { readonly name: string; readonly value: string }[];
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
    ...(sayOptions(has) === sayOptions(had)
      ? []
      : [`has the options ${sayOptions(has)} and had ${sayOptions(had)}`]),
    ...(has.isNotNull === had.isNotNull
      ? []
      : [has.isNotNull ? "is NOT NULL and was not" : "takes NULL and did not"]),
    ...(has.default === had.default ? [] : [describeDefaults(had.default, has.default)]),
  ];
  if (has.rest.join() !== had.rest.join()) return `is \`${now}\` and was \`${before}\``;
  return said.join(", ");
}

function sayOptions({ options }: ColumnParts): string {
  const said = options.map(({ name, value }) => `${ident(name)} ${literal(value)}`).join(", ");
  return said === "" ? "none" : `\`${said}\``;
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
  const settings = allOf(column.fdwoptions, "DefElem");
  const optionsAt = settings[0]?.location;
  const type = slice(typeAt, optionsAt ?? constraints[0]?.start ?? end).replace(
    optionsAt === undefined ? /$/ : /\s*\bOPTIONS\s*\($/i,
    "",
  );
  return {
    type: compression === undefined ? type : type.replace(` COMPRESSION ${compression}`, ""),
    options: settings.map(({ defname = "", arg }) => ({
      name: defname,
      value: as(arg, "String")?.sval ?? "",
    })),
    compression,
    isNotNull: notNull !== undefined,
    default: given?.text.replace(/^DEFAULT\s+/i, ""),
    rest: pieces.filter((piece) => piece !== given && piece !== notNull).map((piece) => piece.text),
  };
}
