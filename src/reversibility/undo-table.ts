/** A table's columns and constraints, changed back. */
import { ident } from "../db/identifier.ts";
import type { DumpedObject } from "../schema/dump.ts";
import { readColumn } from "../schema/compare/column-words.ts";
import { NoWayBack } from "./no-way-back.ts";
import type { TableElement } from "../schema/compare/table-elements.ts";
import { readTable } from "../schema/compare/table-elements.ts";
import type { WayBack } from "./way-back.ts";

/**
 * @param now the table as it is.
 * @param wanted the same one as it is to be.
 * @throws NoWayBack
 */
export function undoTable(now: DumpedObject, wanted: DumpedObject, writesCasts: boolean): WayBack {
  const [has, goal] = [readTable(now.statements[0] ?? ""), readTable(wanted.statements[0] ?? "")];
  const table = wanted.relation ?? "";
  if (!has || !goal || has.frame !== goal.frame) {
    throw new NoWayBack(`nothing is known that changes ${wanted.label} back as a whole`);
  }
  const keyOf = ({ kind, name, text }: TableElement) => `${kind} ${name === "" ? text : name}`;
  const known = new Map(has.elements.map((element) => [keyOf(element), element]));
  const wantedKeys = new Set(goal.elements.map(keyOf));
  const warnings: string[] = [];
  const dropped: string[] = [];
  const changed: string[] = [];
  const added: string[] = [];
  for (const element of has.elements) {
    if (wantedKeys.has(keyOf(element))) continue;
    if (element.kind === "column") changed.push(`DROP COLUMN ${ident(element.name)}`);
    else dropped.push(dropConstraint(element, table));
  }
  for (const element of goal.elements) {
    const other = known.get(keyOf(element));
    if (other?.text === element.text) continue;
    if (element.kind === "constraint") {
      if (other) dropped.push(dropConstraint(other, table));
      added.push(`ADD ${element.text}`);
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
  const isCast = writesCasts && !/ (?:COLLATE|COMPRESSION) /.test(` ${goal.type} `);
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
