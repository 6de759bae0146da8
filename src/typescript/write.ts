/** The types as one file of TypeScript. */
import { shortType } from "../schema/type-name.ts";
import type { TypedColumn, TypedEnum, TypedSchema, TypedTable, ValueType } from "./model.ts";
import { camel, chooseNames, propertyKey } from "./names.ts";
import { arrayType, programType, textType, type Driver, type ProgramType } from "./value-types.ts";

export interface WriteOptions {
  readonly driver: Driver;
  /** Schemas of zod as well. */
  readonly hasZod: boolean;
}

/** First line of the file, by which it is known again. */
export const typesIntro = "// Written by `pgwright types`: changes here are lost.";

interface Names {
  readonly tables: ReadonlyMap<TypedTable, string>;
  readonly enums: ReadonlyMap<TypedEnum, string>;
}

/** The whole text: the same schema gives the same one. */
export function writeTypes({ tables, enums }: TypedSchema, options: WriteOptions): string {
  const chosen = chooseNames<TypedTable | TypedEnum>([...tables, ...enums]);
  const names: Names = {
    tables: new Map(tables.map((table) => [table, chosen.get(table) ?? ""])),
    enums: new Map(enums.map((one) => [one, chosen.get(one) ?? ""])),
  };
  const typeOf = (value: ValueType): ProgramType => programTypeOf(value, options.driver, names);
  const body = [
    ...enums.map((one) => writeEnum(one, names.enums.get(one) ?? "", options)),
    ...tables.flatMap((table) => writeTable(table, names.tables.get(table) ?? "", typeOf, options)),
    writeList(tables, names),
  ];
  const used = tables.flatMap(({ columns }) => columns.map(({ value }) => typeOf(value)));
  return `${[head(used, options), ...body].join("\n\n")}\n`;
}

function programTypeOf(value: ValueType, driver: Driver, names: Names): ProgramType {
  if (value.kind === "array") {
    const element = programTypeOf(value.of, driver, names);
    return arrayType(driver, value.of, element, value.dimensions) ?? textType;
  }
  if (value.kind === "scalar") return programType(driver, value.schema, value.name);
  const found = [...names.enums].find(
    ([{ schema, name }]) => schema === value.schema && name === value.name,
  );
  if (!found) return textType;
  const [{ labels }, name] = found;
  const zod = labels.length === 0 ? "z.never()" : `z.enum(${camel(name)}Values)`;
  return { read: name, write: name, zodRead: zod, zodWrite: zod };
}

/** What the rest uses, and no more: an unused declaration is an error in many projects. */
function head(used: readonly ProgramType[], { driver, hasZod }: WriteOptions): string {
  const all = used.map((one) => Object.values(one).join("\n")).join("\n");
  const uses = (word: string) => new RegExp(`\\b${word}\\b`).test(all);
  const lines = [
    typesIntro,
    `// Values are as ${driver === "pg" ? "node-postgres" : "postgres.js"} reads and takes them, without parsers of its user's.`,
    ...(hasZod ? ['import * as z from "zod";'] : []),
    ...(uses("Json(Input)?")
      ? [
          "",
          "export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };",
        ]
      : []),
    ...(uses("JsonInput")
      ? [
          "",
          "/** JSON as text, or what is sent as JSON by itself; anything else through `JSON.stringify`. */",
          "export type JsonInput = string | number | boolean | { [key: string]: Json };",
        ]
      : []),
    ...(uses("Interval")
      ? [
          "",
          "/** Of the class that node-postgres makes. Parts that are zero are not there. */",
          "export interface Interval {",
          ...intervalParts.map((part) => `  ${part}?: number | undefined;`),
          "  toPostgres(): string;",
          "}",
        ]
      : []),
    ...(hasZod && uses("float")
      ? [
          "",
          "/** Not a number, and infinite ones, are among them. */",
          'const float = z.custom<number>((value) => typeof value === "number");',
        ]
      : []),
    ...(hasZod && uses("decimal")
      ? ["", "const decimal = z.string().regex(/^(-?\\d+(\\.\\d+)?|NaN|-?Infinity)$/);"]
      : []),
    ...(hasZod && uses("interval")
      ? [
          "",
          'const interval = z.custom<Interval>((value) => typeof (value as Interval | null)?.toPostgres === "function");',
        ]
      : []),
    ...(hasZod && uses("jsonInput")
      ? [
          "",
          "const jsonText = z.string().refine((text) => {",
          "  try {",
          "    JSON.parse(text);",
          "    return true;",
          "  } catch {",
          "    return false;",
          "  }",
          '}, "is no JSON");',
          "const jsonInput = z.union([jsonText, z.number(), z.boolean(), z.record(z.string(), z.json())]);",
        ]
      : []),
  ];
  return lines.join("\n");
}

const intervalParts = ["years", "months", "days", "hours", "minutes", "seconds", "milliseconds"];

function writeEnum(
  { labels, comment, schema, name: stored }: TypedEnum,
  name: string,
  { hasZod }: WriteOptions,
): string {
  const list = labels.map((label) => JSON.stringify(label));
  const says = remark(comment ?? undefined, `${schema}.${stored}`);
  if (labels.length === 0) return `${says}export type ${name} = never;`;
  if (!hasZod) return `${says}export type ${name} = ${list.join(" | ")};`;
  const values = `${camel(name)}Values`;
  return `export const ${values} = [${list.join(", ")}] as const;\n${says}export type ${name} = (typeof ${values})[number];`;
}

type TypeOf = (value: ValueType) => ProgramType;

function writeTable(
  table: TypedTable,
  name: string,
  typeOf: TypeOf,
  { hasZod }: WriteOptions,
): string[] {
  const { columns, isView } = table;
  const written = columns.filter(({ isReadOnly }) => !isReadOnly);
  const rowType = writeInterface(table, `${name}Row`, columns, (column) => {
    const { read } = typeOf(column.value);
    return `${propertyKey(column.name)}: ${orNull(read, column)};`;
  });
  const row = hasZod
    ? [
        writeObject(
          `${name}Row`,
          columns,
          ({ value, isNullable }) => `${typeOf(value).zodRead}${isNullable ? ".nullable()" : ""}`,
        ),
      ]
    : [];
  if (isView) return [rowType, ...row];
  const both = [
    [`${name}Insert`, false],
    [`${name}Update`, true],
  ] as const;
  return [
    rowType,
    ...row,
    ...both.flatMap(([title, isUpdate]) => [
      writeInterface(table, title, written, (column) => {
        const { write } = typeOf(column.value);
        const isOptional = isUpdate || column.isOptional;
        return `${propertyKey(column.name)}${isOptional ? "?" : ""}: ${orNull(write, column)}${isOptional ? " | undefined" : ""};`;
      }),
      ...(hasZod
        ? [
            writeObject(
              title,
              written,
              ({ value, isNullable, isOptional }) =>
                `${typeOf(value).zodWrite}${isNullable ? ".nullable()" : ""}${isUpdate || isOptional ? ".optional()" : ""}`,
            ),
          ]
        : []),
    ]),
  ];
}

function orNull(type: string, { isNullable }: TypedColumn): string {
  return isNullable && type !== "Json" ? `${type} | null` : type;
}

function writeInterface(
  { comment, schema, name, isView }: TypedTable,
  title: string,
  columns: readonly TypedColumn[],
  property: (column: TypedColumn) => string,
): string {
  const kind = title.endsWith("Row")
    ? `A row of ${schema}.${name}`
    : title.endsWith("Insert")
      ? `A row to be inserted into ${schema}.${name}`
      : `What may be changed of a row of ${schema}.${name}`;
  const says = title.endsWith("Row") || isView ? (comment ?? undefined) : undefined;
  if (columns.length === 0)
    return `${remark(says, kind)}export type ${title} = Record<never, never>;`;
  const lines = columns.map((column) => {
    const about = title.endsWith("Row") ? remark(describe(column)) : "";
    return `${about}${property(column)}`.replaceAll(/^/gm, "  ");
  });
  return `${remark(says, kind)}export interface ${title} {\n${lines.join("\n")}\n}`;
}

function describe({ comment, type }: TypedColumn): string {
  const shown = shortType(type);
  if (comment === null) return shown;
  return /[\r\n]/.test(comment.trim())
    ? `${comment.trim()}\n${shown}`
    : `${comment.trim()} (${shown})`;
}

/** A schema of zod, which the compiler holds against the interface of that name. */
function writeObject(
  title: string,
  columns: readonly TypedColumn[],
  member: (column: TypedColumn) => string,
): string {
  // What is read may have a column that was added since; what is written with one is a mistake.
  const object = title.endsWith("Row") ? "z.object" : "z.strictObject";
  const lines = columns.map((column) => `  ${propertyKey(column.name)}: ${member(column)},`);
  const content = lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n}`;
  return `export const ${camel(title)} = ${object}(${content}) satisfies z.ZodType<${title}>;`;
}

function writeList(tables: readonly TypedTable[], names: Names): string {
  const lines = tables.map((table) => {
    const name = names.tables.get(table) ?? "";
    const forms = table.isView
      ? `{ row: ${name}Row }`
      : `{ row: ${name}Row; insert: ${name}Insert; update: ${name}Update }`;
    return `  ${JSON.stringify(`${table.schema}.${table.name}`)}: ${forms};`;
  });
  return `/** Every table and view by its name. */\nexport interface Tables {\n${lines.join("\n")}\n}`;
}

/** A comment for editors; nothing of the database ends it. */
function remark(...parts: readonly (string | undefined)[]): string {
  const lines = parts
    .flatMap((part) => part?.trim().split(/\r\n|[\r\n\u2028\u2029]/) ?? [])
    .map((line) => line.replaceAll("*/", "*\\/"));
  const [first = "", ...rest] = lines;
  if (rest.length === 0) return `/** ${first} */\n`;
  return `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`;
}
