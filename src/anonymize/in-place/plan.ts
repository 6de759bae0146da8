/** What is done to a database that is masked where it stands, as SQL. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { MaskingPlan, TableMasking } from "../plan.ts";
import { selectMasked } from "../select.ts";
import listObstacles from "./obstacles.sql";
import listTables from "./tables.sql";
import listViews from "./views.sql";

export interface Step {
  readonly title: string;
  readonly sql: string;
}

export interface InPlacePlan {
  /** In one transaction: all of it is done, or none. */
  readonly rewrite: readonly Step[];
  /** Each by itself, after it: what VACUUM and its like want. */
  readonly scrub: readonly Step[];
  readonly tables: readonly string[];
}

/**
 * Statistics hold values of rows, and go to new files. VACUUM FULL would carry over the dead rows that
 * an older snapshot could see, or a logical replication slot of any database (its catalog_xmin): with
 * one, 1,838 of 1,961 originals stayed in pg_statistic. DELETE comes first because it tells the caches
 * of all sessions, which TRUNCATE of a catalog does not.
 */
const statistics: readonly Step[] = [
  {
    title: "forgetting statistics",
    sql: `DO $$ BEGIN
      SET LOCAL allow_system_table_mods = on;
      LOCK TABLE pg_catalog.pg_statistic, pg_catalog.pg_statistic_ext_data IN ACCESS EXCLUSIVE MODE;
      DELETE FROM pg_catalog.pg_statistic;
      DELETE FROM pg_catalog.pg_statistic_ext_data;
      TRUNCATE pg_catalog.pg_statistic, pg_catalog.pg_statistic_ext_data;
    END $$`,
  },
  { title: "gathering statistics", sql: "ANALYZE" },
];

interface TableRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** What it is a partition of, at the top. */
  readonly root: { readonly oid: number; readonly schema: string; readonly name: string } | null;
  readonly refersTo: readonly number[];
  readonly columns: readonly string[];
}

/**
 * Rewrites instead of updating: masked rows are put aside, the tables are emptied by TRUNCATE, which
 * gives heap, TOAST and indexes new files, and filled again. Indexes are built afterwards, in one go.
 * Objects stay what they are: rights, views, triggers, policies and foreign keys are not touched.
 *
 * @throws PgwrightError `in-place-refused` naming everything that stands against it.
 */
export async function planInPlace(session: Session, plan: MaskingPlan): Promise<InPlacePlan> {
  await refuseObstacles(session);
  const all = await session.query<TableRow>(listTables);
  const masked = new Map(
    plan.tables
      .filter(({ columns }) => columns.some(({ expression }) => expression !== undefined))
      .map((table) => [table.oid, table]),
  );
  const rewritten = withReferring(all, new Set(masked.keys()));
  const maskings = rewritten.map((table) => masked.get(table.oid) ?? unmasked(table));
  const left = all.filter((table) => !rewritten.includes(table));
  const views = await session.query<{ name: string }>(listViews);
  return {
    tables: maskings.map(({ schema, name }) => qualified(schema, name)),
    rewrite: maskings.length === 0 ? [] : rewriteSteps(maskings, truncated(rewritten)),
    scrub: [
      ...left.map(({ schema, name }) => ({
        title: `rewriting ${schema}.${name}`,
        sql: `VACUUM FULL ${qualified(schema, name)}`,
      })),
      ...views.map(({ name }) => ({
        title: `refreshing ${name}`,
        sql: `REFRESH MATERIALIZED VIEW ${name}`,
      })),
      ...statistics,
      { title: "removing the old files", sql: "CHECKPOINT" },
      { title: "beginning a new WAL file", sql: "SELECT pg_switch_wal()" },
    ],
  };
}

/** Foreign keys of partitioned tables bind their roots, and those are truncated with all that is below. */
function truncated(tables: readonly TableRow[]): string {
  const names = tables.map(({ root, schema, name }) =>
    root === null ? `ONLY ${qualified(schema, name)}` : qualified(root.schema, root.name),
  );
  return [...new Set(names)].join(", ");
}

function rewriteSteps(maskings: readonly TableMasking[], emptied: string): Step[] {
  const names = maskings.map(({ schema, name }) => qualified(schema, name));
  const oids = maskings.map(({ oid }) => oid).join(", ");
  const asideOf = ({ oid }: TableMasking) => `pgwright.masked_${oid}`;
  return [
    { title: "locking", sql: `LOCK TABLE ONLY ${names.join(", ONLY ")} IN ACCESS EXCLUSIVE MODE` },
    { title: "making room", sql: "CREATE SCHEMA IF NOT EXISTS pgwright" },
    ...maskings.map((masking) => ({
      title: `masking ${masking.schema}.${masking.name}`,
      sql: `CREATE UNLOGGED TABLE ${asideOf(masking)} AS ${selectMasked(masking)}`,
    })),
    { title: "emptying", sql: `TRUNCATE ${emptied}` },
    {
      title: "putting indexes off",
      sql: `UPDATE pg_catalog.pg_index SET indisready = false, indisvalid = false WHERE indrelid IN (${oids})`,
    },
    ...maskings.map((masking) => {
      const { schema, name, routeTo = { schema, name }, columns } = masking;
      const list = columns.map((column) => ident(column.name)).join(", ");
      // A table without columns has rows, too.
      const [into, what] = list === "" ? ["", ""] : [` (${list}) OVERRIDING SYSTEM VALUE`, list];
      return {
        title: `filling ${schema}.${name}`,
        sql: `INSERT INTO ${qualified(routeTo.schema, routeTo.name)}${into} SELECT ${what} FROM ${asideOf(masking)}`,
      };
    }),
    ...maskings.map((masking) => ({
      title: `putting ${asideOf(masking)} away`,
      sql: `DROP TABLE ${asideOf(masking)}`,
    })),
    ...names.map((name) => ({ title: `indexing ${name}`, sql: `REINDEX TABLE ${name}` })),
  ];
}

/** TRUNCATE wants all tables that refer to one of them, in any number of steps, and whole partition trees. */
function withReferring(all: readonly TableRow[], chosen: Set<number>): TableRow[] {
  for (let before = -1; before !== chosen.size;) {
    before = chosen.size;
    for (const { oid, root, refersTo } of all) {
      const isDue = chosen.has(root?.oid ?? oid) || refersTo.some((target) => chosen.has(target));
      if (!isDue && !chosen.has(oid)) continue;
      chosen.add(oid);
      if (root !== null) chosen.add(root.oid);
    }
  }
  return all.filter(({ oid }) => chosen.has(oid));
}

function unmasked({ oid, schema, name, columns }: TableRow): TableMasking {
  return {
    oid,
    schema,
    name,
    from: `ONLY ${qualified(schema, name)} t`,
    columns: columns.map((column) => ({ name: column, rules: [] })),
  };
}

async function refuseObstacles(session: Session): Promise<void> {
  const { server } = session;
  if (!server.isSuperuser) {
    throw new PgwrightError(
      "in-place-refused",
      `role \`${server.role}\` is no superuser, and masking in place turns triggers off and rewrites statistics`,
      {
        hint: "nothing was changed; connect as a superuser, or make a copy: pgwright anonymize run --target …",
      },
    );
  }
  const found = await session.query<{ kind: string; name: string }>(listObstacles);
  if (found.length === 0) return;
  throw new PgwrightError("in-place-refused", "the database cannot be rewritten as it is", {
    notes: found.map(({ kind, name }) => `${kind} ${name}${why[kind] ?? ""}`),
    hint: "nothing was changed; take these out first, or make a copy: pgwright anonymize run --target …",
  });
}

const why: Readonly<Record<string, string>> = {
  trigger: " fires whatever session_replication_role says (ENABLE ALWAYS or REPLICA)",
  rule: " would change what is written",
  "prepared transaction": " holds rows as they were",
  subscription: " would fetch originals",
  session: " has an open transaction, which keeps dead rows",
  "replication slot": " keeps dead rows for a standby (hot_standby_feedback)",
  "kept data":
    " holds what a rollback would have lost: `pgwright migrate` puts it back, or drop it",
};
