import { ident } from "../db/identifier.ts";
import { asReread } from "./deparsed.ts";
import { attributesOf, commentOn } from "./catalog.ts";
import type { Catalog } from "./catalog.ts";
import type { Column, Columns } from "./columns.ts";
import { columnChanges } from "./columns.ts";
import { address } from "./object.ts";
import type { Address, SchemaObject } from "./object.ts";
import { storageOptions } from "./options.ts";
import { parts } from "./relations.ts";
import type { Relation } from "./relations.ts";
import { collate, shortType } from "./type-name.ts";

/**
 * A view or materialized view. The query is PostgreSQL's own text, which since version 16 leaves
 * out table names in front of columns where only one table is read: there the dumps of an old and
 * a new server differ.
 *
 * Materialized views come without their rows (WITH NO DATA): whether one is populated is not part
 * of the schema, and loading stays cheap. REFRESH fills them.
 */
export function viewObject(catalog: Catalog, relation: Relation, columns: Columns): SchemaObject {
  const own = address("class", relation.oid);
  const rowType = address("type", relation.rowType);
  const rule = address("rewrite", relation.queryRule ?? 0);
  const list = columns.get(relation.oid) ?? [];
  const kind = relation.kind === "m" ? "MATERIALIZED VIEW" : "VIEW";
  const following = [
    ...attributesOf(catalog, {
      address: own,
      name: `${kind} ${relation.id}`,
      grant: `TABLE ${relation.id}`,
      owner: relation.owner,
    }),
    ...list.flatMap((column) => [
      ...changesOf(relation, column),
      ...commentOn(catalog, own, `COLUMN ${relation.id}.${ident(column.name)}`, column.number),
    ]),
  ];
  const view: SchemaObject = {
    label: `${kind.toLowerCase()} ${relation.id}`,
    addresses: [own, rowType, rule, ...list.flatMap(defaultAddress)],
    stage: relation.stage,
    section: relation.section,
    key: [...relation.key, parts.relation],
    block: relation.block,
    relation: relation.id,
    columns: list.map(({ name, type, collation }) =>
      [ident(name), type, ...(collation ? [collate(collation)] : [])].join(" "),
    ),
    statements: (apart) => [createView(relation, kind, apart.has(own)), ...following],
  };
  if (relation.kind === "m") return view;
  return { ...view, placeholder: placeholderOf(view, relation, list) };
}

/** Stands in for a view that a function mentions which the view itself calls. */
function placeholderOf(
  view: SchemaObject,
  relation: Relation,
  columns: readonly Column[],
): SchemaObject {
  const targets = columns.map(
    ({ name, type, collation }) =>
      `\n    NULL::${shortType(type)}` +
      (collation ? ` ${collate(collation)}` : "") +
      ` AS ${ident(name)}`,
  );
  return {
    ...view,
    label: `placeholder of ${view.label}`,
    addresses: view.addresses.slice(0, 2),
    statements: () => [`CREATE VIEW ${relation.id} AS\n SELECT${targets.join(",")}`],
  };
}

function createView(relation: Relation, kind: string, replaces: boolean): string {
  const options = storageOptions(relation.options);
  const toast = storageOptions(relation.toastOptions, "toast.");
  const all = [...options, ...toast];
  const head = [
    `CREATE ${replaces ? "OR REPLACE " : ""}${kind} ${relation.id}`,
    relation.accessMethod === null ? "" : `USING ${ident(relation.accessMethod)}`,
    all.length > 0 ? `WITH (${all.join(", ")})` : "",
    "AS",
  ].filter((clause) => clause !== "");
  const query = asReread((relation.query ?? "").replace(/;\s*$/, ""));
  const tail = relation.kind === "m" ? "\n  WITH NO DATA" : "";
  return `${head.join(" ")}\n${query}${tail}`;
}

/** Defaults of a view's columns; statistics targets and the like of a materialized view's. */
function changesOf(relation: Relation, column: Column): string[] {
  const setting = {
    relation,
    column,
    inherited: [],
    parentalNames: [],
    identity: undefined,
    isDefaultApart: false,
  };
  const alter = `ALTER TABLE ONLY ${relation.id} ALTER COLUMN ${ident(column.name)}`;
  return [
    ...(column.default === null ? [] : [`${alter} SET DEFAULT ${asReread(column.default)}`]),
    ...(relation.kind === "m" ? columnChanges(setting) : []),
  ];
}

function defaultAddress(column: Column): Address[] {
  return column.defaultOid === null ? [] : [address("attributeDefault", column.defaultOid)];
}
