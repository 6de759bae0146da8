/** What both forms of the handbook say in the same words. */
import { countOf, formatBytes, formatCount } from "../db/amount.ts";
import type { Audit, Column, Handbook, Policy, Right, Size, Table } from "./model.ts";

export interface Counts {
  readonly tables: number;
  readonly views: number;
  readonly columns: number;
  readonly references: number;
  /** Tables, views and columns with a description. */
  readonly described: number;
  readonly describable: number;
  /** Columns that a scan calls personal, or that an anonymized copy masks. */
  readonly personal: number;
}

export function countAll({ schemas }: Handbook): Counts {
  const tables = schemas.flatMap((schema) => schema.tables);
  const columns = tables.flatMap((table) => table.columns);
  const views = tables.filter(({ kind }) => kind === "view" || kind === "materialized view");
  const describable = [...tables, ...columns];
  return {
    tables: tables.length - views.length,
    views: views.length,
    columns: columns.length,
    references: tables.reduce((sum, { references }) => sum + references.length, 0),
    described: describable.filter(({ comment }) => comment !== undefined).length,
    describable: describable.length,
    personal: columns.filter(({ personal: one }) => one && (one.isMasked || one.says.length > 0))
      .length,
  };
}

/** `not null`, `default now()`; the identity and what is generated in words. */
export function valueText({ value, valueKind }: Column): string {
  if (value === undefined) return "";
  if (valueKind === "identity") return `identity, ${value}`;
  return valueKind === "generated" ? `generated as ${value}` : value;
}

export function keyText({ isPrimary, isUnique, isReference }: Column): string {
  return [
    ...(isPrimary ? ["PK"] : []),
    ...(isReference ? ["FK"] : []),
    ...(isUnique && !isPrimary ? ["unique"] : []),
  ].join(", ");
}

/** `own columns only` for rights on columns, `may grant it` where so. */
export function rightText({ privilege, columns, isGrantable }: Right): string {
  return `${privilege}${columns === undefined ? "" : ` (${columns.join(", ")})`}${isGrantable ? " with grant option" : ""}`;
}

export function rowSecurityText({ rowSecurity, policies }: Table): string | undefined {
  switch (rowSecurity) {
    case "off":
      return policies.length === 0
        ? undefined
        : "Row level security is off: the policies below do not hold.";
    case "on":
      return "Row level security is on, but not for the owner.";
    case "forced":
      return "Row level security is on, for the owner too.";
  }
}

export function policyHead({ command, roles, isPermissive }: Policy): string {
  const whom = roles.length === 0 ? "everybody" : roles.join(", ");
  return `${command} for ${whom}${isPermissive ? "" : ", restricting the others"}`;
}

export function auditText({ log, excluded, masked, isMissing }: Audit): string {
  const where = log === undefined ? "" : ` in ${log}`;
  if (isMissing) return `Changes are to be recorded${where}, and no trigger does so.`;
  return [
    `Every change is recorded${where}.`,
    ...(excluded.length === 0 ? [] : [`Never recorded: ${excluded.join(", ")}.`]),
    ...(masked.length === 0 ? [] : [`Recorded without the value: ${masked.join(", ")}.`]),
  ].join(" ");
}

export function sizeText({ bytes, rows }: Size): string {
  return rows === null
    ? formatBytes(bytes)
    : `${formatBytes(bytes)}, about ${countOf(Math.round(rows), "row")}`;
}

export function sizesText({ sizes }: Handbook): string | undefined {
  if (sizes === undefined) return undefined;
  return `${sizes.database}, PostgreSQL ${sizes.serverVersion}, ${formatBytes(sizes.bytes)}, as of ${sizes.at}`;
}

export function countsText(handbook: Handbook): string {
  const counts = countAll(handbook);
  return [
    countOf(counts.tables, "table"),
    countOf(counts.views, "view"),
    countOf(counts.columns, "column"),
    countOf(counts.references, "foreign key"),
    `${formatCount(counts.described)} of ${formatCount(counts.describable)} tables, views and columns described`,
  ].join(", ");
}

/** The first sentence, for lists. */
export function firstSentence(comment: string | undefined): string {
  const [line = ""] = (comment ?? "").trim().split("\n");
  return /^.*?[.!?](?=\s|$)/.exec(line)?.[0] ?? line;
}
