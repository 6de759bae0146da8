/** Detaches partitions that are older than the retention, and drops them where that is declared. */
import { ident, literal, qualified } from "../../db/identifier.ts";
import { ownerAloneSql } from "../../db/owner-alone.ts";
import { PgwrightError } from "../../errors.ts";
import type { Migrator } from "../../migrate/migrator.ts";
import type { RangeLeaf } from "./compare-range.ts";
import createConsents from "./create-consents.sql";
import { defaultOf } from "./leaf-steps.ts";
import listRetired from "./retired.sql";
import { markAsRetired } from "./retired.ts";
import type { RoleStatement } from "./run-unit.ts";
import { reading, runUnit } from "./run-unit.ts";
import type { Retention } from "./schema.ts";
import type { LeafState, TableState } from "./state.ts";

export interface Retired {
  readonly detached: string[];
  readonly dropped: { readonly table: string; readonly rows: number }[];
}

export interface RetireOptions {
  readonly retention: Retention;
  readonly allowDataLoss: boolean;
  /** Filled as it goes, so that what was done is known after a failure. */
  readonly done: Retired;
}

/**
 * Retires the partitions in `due`, the oldest first.
 *
 * @throws PgwrightError `partitions-refused` before a partition that is referenced; `data-loss`
 * before the first drop for a table without consent; `lock-timeout`.
 */
export async function retireLeaves(
  migrator: Migrator,
  state: TableState,
  due: readonly RangeLeaf[],
  { retention, allowDataLoss, done }: RetireOptions,
): Promise<void> {
  const leaves = due.map(({ leaf }) => leaf);
  const leftovers = await reading(migrator, () =>
    migrator.session.query<{ sql: string; owner: string }>(listRetired, [state.sql]),
  );
  if (retention.drop && leaves.length + leftovers.length > 0) {
    const targets = [...leftovers, ...leaves];
    await refuseWithoutConsent(migrator, state, targets, allowDataLoss);
    for (const { sql, owner } of leftovers) await dropTable(migrator, sql, owner, done);
  }
  for (const leaf of leaves) {
    await refuseReferenced(migrator, state, leaf);
    await detach(migrator, state, leaf, beforeDetach(state, leaf, retention));
    if (retention.drop) await dropTable(migrator, leaf.sql, leaf.owner, done);
    else done.detached.push(movedName(leaf, retention));
  }
}

/** The statements for one partition, for a dry run. */
export function printRetirement(
  state: TableState,
  leaf: LeafState,
  retention: Retention,
): RoleStatement[] {
  const concurrently = defaultOf(state) ? "" : " concurrently";
  return [
    ...beforeDetach(state, leaf, retention),
    {
      sql: `alter table ${state.sql} detach partition ${movedName(leaf, retention)}${concurrently}`,
      role: state.owner,
    },
    ...(retention.drop ? [{ sql: `drop table ${leaf.sql}`, role: leaf.owner }] : []),
  ];
}

/** Ends a DETACH CONCURRENTLY that was cut off between its two transactions. */
export async function finalizeDetach(
  migrator: Migrator,
  state: TableState,
  leaf: LeafState,
): Promise<void> {
  await runUnit(migrator, `detaching ${leaf.sql} to the end`, [
    { sql: `alter table ${state.sql} detach partition ${leaf.sql} finalize`, role: state.owner },
  ]);
}

function movedName(leaf: LeafState, { schema }: Retention): string {
  return schema === undefined ? leaf.sql : qualified(schema, leaf.name);
}

/** Both stand before the detaching, so that a run that is cut off after it leaves nothing undone. */
function beforeDetach(state: TableState, leaf: LeafState, retention: Retention): RoleStatement[] {
  const { drop, schema } = retention;
  const mark = markAsRetired(state.sql, !drop, leaf.comment);
  return [
    { sql: `comment on table ${leaf.sql} is ${mark}`, role: leaf.owner },
    ...(drop || schema === undefined || schema === leaf.schema
      ? []
      : [{ sql: `alter table ${leaf.sql} set schema ${ident(schema)}`, role: leaf.owner }]),
  ];
}

/**
 * CONCURRENTLY wherever PostgreSQL allows it: it takes SHARE UPDATE EXCLUSIVE on the parent. With a
 * default partition it is refused, and the plain form's ACCESS EXCLUSIVE is asked for briefly.
 */
async function detach(
  migrator: Migrator,
  state: TableState,
  leaf: LeafState,
  before: readonly RoleStatement[],
): Promise<void> {
  const title = `detaching ${leaf.sql}`;
  const schema = before.find(({ sql }) => sql.includes(" set schema "));
  const { session, frame } = migrator;
  if (defaultOf(state) || migrator.isPooled) {
    const sql = `alter table ${state.sql} detach partition ${leaf.sql}`;
    // Detached first: SET SCHEMA then locks what nobody sees any more.
    const parts = [{ sql, role: state.owner }];
    await runUnit(migrator, title, schema ? [...parts, ...before] : [...before, ...parts]);
    return;
  }
  if (before.length > 0) await runUnit(migrator, `preparing ${title}`, before);
  const { name } = await reading(migrator, () =>
    session.one<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = $1::oid`,
      [leaf.oid],
    ),
  );
  const started = performance.now();
  migrator.options.events({ type: "step-started", title });
  await session.script([...frame.lone(true), `set role ${ident(state.owner)}`].join(";\n"));
  try {
    await migrator.watched(title, () =>
      session.script(`alter table ${state.sql} detach partition ${name} concurrently`),
    );
  } catch (error) {
    migrator.options.events({
      type: "step-failed",
      title,
      durationMs: performance.now() - started,
    });
    throw error;
  } finally {
    if (!session.isDead) await session.settle(frame.loneEnd.join(";\n"));
  }
  migrator.committed += 1;
  migrator.options.events({
    type: "step-finished",
    title,
    durationMs: performance.now() - started,
  });
}

/** PostgreSQL refuses to detach what is referenced, but says nothing about how many rows. */
async function refuseReferenced(
  migrator: Migrator,
  state: TableState,
  leaf: LeafState,
): Promise<void> {
  const { session } = migrator;
  const only = leaf.kind === "p" ? "" : "only ";
  for (const { name, table, columns, keys } of state.references) {
    const match = columns.map((column, i) => `f.${ident(column)} = l.${ident(keys[i] ?? "")}`);
    const { count } = await reading(migrator, () =>
      session.one<{ count: string }>(
        `select count(*)::text as count from ${table} f
         where exists (select from ${only}${leaf.sql} l where ${match.join(" and ")})`,
      ),
    );
    if (count === "0") continue;
    const rows = `${BigInt(count).toLocaleString("en-US")} ${count === "1" ? "row" : "rows"}`;
    throw new PgwrightError(
      "partitions-refused",
      `${leaf.sql} is too old to keep but cannot be detached: ${rows} of ${table} ${count === "1" ? "refers" : "refer"} to it by the foreign key \`${name}\``,
      { hint: `delete those rows first, or keep ${state.sql} longer in policies/partitions.yaml` },
    );
  }
}

async function dropTable(
  migrator: Migrator,
  sql: string,
  owner: string,
  done: Retired,
): Promise<void> {
  const rows = await countRows(migrator, sql);
  await runUnit(migrator, `dropping ${sql}`, [{ sql: `drop table ${sql}`, role: owner }]);
  done.dropped.push({ table: sql, rows });
}

async function countRows(migrator: Migrator, sql: string): Promise<number> {
  const { count } = await reading(migrator, () =>
    migrator.session.one<{ count: number }>(`select count(*)::float8 as count from ${sql}`),
  );
  return count;
}

/** `drop: true` alone drops nothing the first time: whoever runs it must have seen the number of rows. */
async function refuseWithoutConsent(
  migrator: Migrator,
  state: TableState,
  targets: readonly { readonly sql: string }[],
  allowDataLoss: boolean,
): Promise<void> {
  const { session } = migrator;
  const { hasSchema, hasTable } = await session.one<{ hasSchema: boolean; hasTable: boolean }>(
    `select to_regnamespace('pgwright') is not null as "hasSchema",
       exists (select from pg_class where relnamespace = to_regnamespace('pgwright') and relname = 'partition_drops') as "hasTable"`,
  );
  if (hasTable) {
    const rows = await session.query("select from pgwright.partition_drops where table_name = $1", [
      state.sql,
    ]);
    if (rows.length > 0) return;
  }
  if (!allowDataLoss) {
    let rows = 0;
    for (const { sql } of targets) rows += await countRows(migrator, sql);
    throw new PgwrightError(
      "data-loss",
      `${targets.map(({ sql }) => sql).join(", ")} would be dropped with ${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"}`,
      {
        notes: [`it is the first time that partitions of ${state.sql} would be dropped`],
        hint: "`pgwright partitions maintain --allow-data-loss` drops them, now and from then on",
      },
    );
  }
  await runUnit(migrator, `recording that partitions of ${state.sql} may be dropped`, [
    ...(hasSchema ? [] : [{ sql: "create schema pgwright", role: null }]),
    ...(hasTable
      ? []
      : [
          { sql: createConsents, role: null },
          {
            sql: ownerAloneSql({ schema: !hasSchema, tables: ["pgwright.partition_drops"] }),
            role: null,
          },
        ]),
    {
      sql: `insert into pgwright.partition_drops (table_name) values (${literal(state.sql)}) on conflict do nothing`,
      role: null,
    },
  ]);
}
