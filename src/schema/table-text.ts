/** CREATE TABLE and ATTACH PARTITION as text. */
import { ident } from "../db/identifier.ts";
import type { ColumnSetting } from "./columns.ts";
import { columnText } from "./columns.ts";
import type { Constraint } from "./constraints.ts";
import { constraintText } from "./constraints.ts";
import { foreignOptions, storageOptions } from "./options.ts";
import type { Relation, Relations } from "./relations.ts";

export function createTable(
  relation: Relation,
  settings: readonly ColumnSetting[],
  constraints: readonly Constraint[],
  relations: Relations,
): string {
  const lines = [
    ...settings.map(columnText),
    ...constraints.map((constraint) => constraintText(constraint)),
  ].filter((line) => line !== undefined);
  const list = lines.map((line) => `\n    ${line}`).join(",");
  const body = lines.length > 0 ? `(${list}\n)` : "()";
  const inherits = relation.isPartition ? [] : (relation.parents ?? []);
  const options = [
    ...storageOptions(relation.options),
    ...storageOptions(relation.toastOptions, "toast."),
  ];
  const kind = relation.kind === "f" ? "FOREIGN " : relation.isUnlogged ? "UNLOGGED " : "";
  return [
    `CREATE ${kind}TABLE ${relation.id}`,
    relation.ofType === null ? body : `OF ${relation.ofType}${lines.length > 0 ? ` ${body}` : ""}`,
    inherits.length > 0
      ? `INHERITS (${inherits.map((oid) => relations.get(oid)?.id ?? "").join(", ")})`
      : "",
    relation.server === null ? "" : `SERVER ${ident(relation.server)}`,
    foreignOptions(relation.foreignOptions),
    relation.partitionKey === null ? "" : `PARTITION BY ${relation.partitionKey}`,
    relation.accessMethod === null ? "" : `USING ${ident(relation.accessMethod)}`,
    options.length > 0 ? `WITH (${options.join(", ")})` : "",
  ]
    .filter((clause) => clause !== "")
    .join(" ");
}

export function attachment(relation: Relation, relations: Relations): string[] {
  const parent = relations.get(relation.parents?.[0] ?? 0);
  return relation.isPartition && parent
    ? [`ALTER TABLE ${parent.id} ATTACH PARTITION ${relation.id} ${relation.bound ?? ""}`]
    : [];
}
