/** A table's columns and constraints, changed back. */
import { ident } from "../db/identifier.ts";
import { inheritedName } from "../schema/attached.ts";
import type { DumpedObject } from "../schema/dump.ts";
import { readColumn } from "../schema/compare/column-words.ts";
import { NoWayBack } from "./no-way-back.ts";
import type { TableElement } from "../schema/compare/table-elements.ts";
import { readTable } from "../schema/compare/table-elements.ts";
import type { WayBack } from "./way-back.ts";

/**
 * @param now the table as it is.
 * @param wanted the same one as it is to be.
 * @param options.parent the partitioned table that it is attached to, which is changed before it
 * and hands on what is the same in both.
 * @throws NoWayBack
 */
export function undoTable(
  now: DumpedObject,
  wanted: DumpedObject,
  options: {
    readonly writesCasts: boolean;
    readonly parent?: { readonly now: DumpedObject; readonly wanted: DumpedObject };
  },
): WayBack {
  const { writesCasts, parent } = options;
  const [has, goal] = [readTable(now.statements[0] ?? ""), readTable(wanted.statements[0] ?? "")];
  const table = wanted.relation ?? "";
  if (!has || !goal || has.frame !== goal.frame) {
    throw new NoWayBack(`nothing is known that changes ${wanted.label} back as a whole`);
  }
  const keyOf = ({ kind, name, text }: TableElement) => `${kind} ${name === "" ? text : name}`;
  const known = new Map(has.elements.map((element) => [keyOf(element), element]));
  const wantedKeys = new Set(goal.elements.map(keyOf));
  const above = readTable(parent?.now.statements[0] ?? "")?.elements ?? [];
  const over = readTable(parent?.wanted.statements[0] ?? "")?.elements ?? [];
  const columnOf = (elements: readonly TableElement[], name: string) =>
    elements.find((element) => element.kind === "column" && element.name === name)?.text;
  const isParentsColumn = (name: string) =>
    parent !== undefined &&
    columnOf(above, name) === columnOf(has.elements, name) &&
    columnOf(over, name) === columnOf(goal.elements, name);
  const warnings: string[] = [];
  const dropped: string[] = [];
  const changed: string[] = [];
  const added: string[] = [];
  for (const element of has.elements) {
    if (wantedKeys.has(keyOf(element))) continue;
    if (element.kind === "constraint") {
      if (!handedOn(above, over, element)) dropped.push(dropConstraint(element, table));
    } else if (!isParentsColumn(element.name)) {
      changed.push(`DROP COLUMN ${ident(element.name)}`);
    }
  }
  for (const element of goal.elements) {
    const other = known.get(keyOf(element));
    if (other?.text === element.text) continue;
    if (element.kind === "constraint") {
      if (other && !handedOn(above, over, other)) dropped.push(dropConstraint(other, table));
      const parents = handedOn(over, above, element);
      if (parents) {
        const given = inheritedName(lastName(table), bodyOf(element), parents.name);
        if (given !== element.name) {
          added.push(`RENAME CONSTRAINT ${ident(given)} TO ${ident(element.name)}`);
        }
      } else {
        added.push(`ADD ${element.text}`);
      }
    } else if (isParentsColumn(element.name)) {
      continue;
    } else if (other) {
      const undone = undoColumn(table, other, element, writesCasts);
      changed.push(...undone.clauses);
      warnings.push(...undone.warnings);
    } else {
      changed.push(`ADD COLUMN ${element.text}`);
      warnings.push(`the values of ${table}.${ident(element.name)} do not come back`);
      if (/ NOT NULL/.test(element.text) && !/ (?:DEFAULT|GENERATED) /.test(element.text)) {
        warnings.push(
          `${table}.${ident(element.name)} is NOT NULL: it can only be added while the table is empty`,
        );
      }
    }
  }
  const statements = [...dropped, ...changed, ...added].map(
    (clause) => `ALTER TABLE ${table} ${clause}`,
  );
  return { statements, warnings };
}

/**
 * The parent's constraint that a partition's one comes from, where the parent has it on one side
 * alone. A CHECK has its name, a key its columns.
 */
function handedOn(
  on: readonly TableElement[],
  notOn: readonly TableElement[],
  element: TableElement,
): TableElement | undefined {
  const isKey = /^(?:UNIQUE|PRIMARY KEY)\b/.test(bodyOf(element));
  return on.find(
    (other) =>
      other.kind === "constraint" &&
      bodyOf(other) === bodyOf(element) &&
      (isKey || other.name === element.name) &&
      !notOn.some(({ name, text }) => name === other.name && text === other.text),
  );
}

/** A constraint without its name. */
function bodyOf({ name, text }: TableElement): string {
  const head = `CONSTRAINT ${ident(name)} `;
  return text.startsWith(head) ? text.slice(head.length) : text;
}

/** The name in `schema.name`, not quoted. */
function lastName(table: string): string {
  const name = /(?:"(?:[^"]|"")*"|[^".]+)$/.exec(table)?.[0] ?? table;
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function dropConstraint({ name, text }: TableElement, table: string): string {
  if (name === "") throw new NoWayBack(`\`${text}\` of ${table} has no name to drop it by`);
  return `DROP CONSTRAINT ${ident(name)}`;
}

function undoColumn(
  table: string,
  now: TableElement,
  wanted: TableElement,
  writesCasts: boolean,
): { clauses: string[]; warnings: string[] } {
  const [has, goal] = [readColumn(now.text), readColumn(wanted.text)];
  const name = ident(wanted.name);
  if (!has || !goal || has.rest.join() !== goal.rest.join()) {
    throw new NoWayBack(
      `nothing is known that makes \`${now.text}\` of ${table} \`${wanted.text}\` again`,
    );
  }
  const isRetyped = has.type !== goal.type;
  const isCast = writesCasts && !/ COLLATE /.test(` ${goal.type} `);
  const alter = `ALTER COLUMN ${name}`;
  const clauses = [
    ...((isRetyped || goal.default === undefined) &&
    has.default !== undefined &&
    (isRetyped || has.default !== goal.default)
      ? [`${alter} DROP DEFAULT`]
      : []),
    ...(isRetyped
      ? [`${alter} TYPE ${goal.type}${isCast ? ` USING ${name}::${goal.type}` : ""}`]
      : []),
    ...(goal.default !== undefined && (isRetyped || has.default !== goal.default)
      ? [`${alter} SET DEFAULT ${goal.default}`]
      : []),
    // ALTER COLUMN TYPE takes no COMPRESSION, and forgets the one that was set.
    ...(goal.compression === (isRetyped ? undefined : has.compression)
      ? []
      : [`${alter} SET COMPRESSION ${goal.compression ?? "default"}`]),
    ...(has.isNotNull === goal.isNotNull
      ? []
      : [`${alter} ${goal.isNotNull ? "SET" : "DROP"} NOT NULL`]),
  ];
  const warnings = [
    ...(isRetyped
      ? [
          writesCasts
            ? `values of ${table}.${name} become ${goal.type} by a cast, which may cut them off or lose precision`
            : `it fails while ${table}.${name} has values that are no ${goal.type}`,
        ]
      : []),
    ...(goal.isNotNull && !has.isNotNull
      ? [`it fails while ${table}.${name} has rows without a value`]
      : []),
  ];
  return { clauses, warnings };
}
