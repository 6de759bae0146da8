/**
 * Moves rows out of a default partition into the partition they belong to.
 *
 * A partition can be attached only when the default holds none of its rows, and a row that is moved
 * before the attach cannot be seen. So a batch is one transaction that moves rows and attaches the
 * partition as far as they reach; the next batch detaches it, moves more and attaches it with a
 * higher bound. Each begins by locking the parent ACCESS EXCLUSIVE: a reader that had planned with
 * the old list of partitions and read with a newer snapshot would miss the rows.
 */
import { ident, literal, qualified } from "../../db/identifier.ts";
import { PgwrightError } from "../../errors.ts";
import type { Migrator } from "../../migrate/migrator.ts";
import type { Edge } from "./axis.ts";
import { fromDefault } from "./default-rows.ts";
import type { MissingLeaf } from "./leaf.ts";
import { rangeBound, rangeCondition } from "./leaf.ts";
import { attachSteps, createTableSteps } from "./leaf-steps.ts";
import readRights from "./move-rights.sql";
import type { RoleStatement } from "./run-unit.ts";
import { reading, runUnit } from "./run-unit.ts";
import type { LeafState, TableState } from "./state.ts";

interface Rights {
  readonly mayReplicate: boolean;
  readonly triggers: readonly { readonly name: string; readonly enabled: string }[];
}

/** Creates `missing` with the rows of `fallback` that belong to it; gives back how many were moved. */
export async function drainLeaf(
  migrator: Migrator,
  state: TableState,
  fallback: LeafState,
  missing: MissingLeaf,
  batchRows: number,
): Promise<number> {
  const rights = await reading(migrator, () =>
    migrator.session.one<Rights>(readRights, [fallback.oid]),
  );
  refuseReferenced(migrator, state, fallback, rights);
  let moved = 0;
  let begun: Edge | undefined =
    missing.grows?.limits.kind === "range" ? missing.grows.limits.to : undefined;
  for (;;) {
    const to = await nextBound(migrator, state, fallback, missing, begun, batchRows);
    const statements = moveSql(state, fallback, missing, { begun, to, rights });
    const title = `moving rows to ${qualified(state.declared.schema, missing.name)}`;
    const rows = await runUnit(migrator, title, statements);
    moved += rows.reduce(
      (sum, row) => sum + (typeof row["moved"] === "number" ? row["moved"] : 0),
      0,
    );
    if (to === undefined) return moved;
    begun = to;
  }
}

/** The statements of the first batch, for a dry run. */
export function printMove(
  state: TableState,
  fallback: LeafState,
  missing: MissingLeaf,
): readonly RoleStatement[] {
  const begun = missing.grows?.limits.kind === "range" ? missing.grows.limits.to : undefined;
  const rights = { mayReplicate: true, triggers: [] };
  return moveSql(state, fallback, missing, { begun, to: undefined, rights });
}

/**
 * Deleting a referenced row would cascade, or be refused: PostgreSQL does not know that the row
 * comes back next to it. Only with session_replication_role = replica are those triggers silent.
 */
function refuseReferenced(
  { session, options }: Migrator,
  state: TableState,
  fallback: LeafState,
  { mayReplicate, triggers }: Rights,
): void {
  const [reference] = state.references;
  if (mayReplicate || !reference) {
    if (!mayReplicate && triggers.length > 0) {
      options.events({
        type: "notice",
        level: "info",
        message: `the triggers of ${fallback.sql} are disabled in each transaction that moves rows: a move is no change`,
      });
    }
    return;
  }
  throw new PgwrightError(
    "partitions-refused",
    `the rows in ${fallback.sql} cannot be moved: the foreign key \`${reference.name}\` of ${reference.table} refers to them`,
    {
      notes: ["a move without its triggers needs the right to set session_replication_role"],
      hint: `have a superuser run: grant set on parameter session_replication_role to ${ident(session.server.role)};`,
    },
  );
}

/**
 * Where the next batch ends; undefined when it is the last one. Only ranges grow, and only where no
 * foreign key points at them: PostgreSQL refuses to detach what is referenced.
 */
async function nextBound(
  migrator: Migrator,
  state: TableState,
  fallback: LeafState,
  missing: MissingLeaf,
  begun: Edge | undefined,
  batchRows: number,
): Promise<Edge | undefined> {
  const { range } = missing;
  if (!range || state.column === null || state.keyType === null) return undefined;
  if (state.references.length > 0) return undefined;
  const key = ident(state.column);
  const from = begun ?? range.from;
  const source = `${fromDefault(fallback)} where ${rangeCondition(state.column, from, range.to)}`;
  return reading(migrator, async () => {
    const { session } = migrator;
    await session.script("set local timezone = 'UTC';\nset local datestyle = 'ISO'");
    const find = async (sql: string) =>
      (await session.query<{ value: string | null }>(sql))[0]?.value ?? undefined;
    const value = await find(
      `select ${key}::text as value from ${source} order by ${key} offset ${batchRows} limit 1`,
    );
    if (value === undefined) return undefined;
    const { isAbove } = await session.one<{ isAbove: boolean }>(
      `select exists (select from ${source} and ${key} < ${literal(value)}) as "isAbove"`,
    );
    if (isAbove) return boundAt(value);
    // Every row of the batch has the same value: they go together, whatever their number.
    const above = await find(
      `select min(${key})::text as value from ${source} and ${key} > ${literal(value)}`,
    );
    return above === undefined ? undefined : boundAt(above);
  });
}

interface Batch {
  /** The bound up to which an earlier batch has come. */
  readonly begun: Edge | undefined;
  /** Where this one ends; undefined for the end of the partition. */
  readonly to: Edge | undefined;
  readonly rights: Rights;
}

function moveSql(
  state: TableState,
  fallback: LeafState,
  missing: MissingLeaf,
  { begun, to, rights }: Batch,
): RoleStatement[] {
  const leaf = qualified(state.declared.schema, missing.name);
  const { range } = missing;
  const isPart = range !== null && state.column !== null;
  const condition = isPart
    ? rangeCondition(state.column, begun ?? range.from, to ?? range.to)
    : (missing.belongs ?? "false");
  const bound = isPart && to ? rangeBound(range.from, to) : missing.bound;
  const columns = state.columns.join(", ");
  const asOwner = (sql: string): RoleStatement => ({ sql, role: state.owner });
  const create = createTableSteps(state, missing.name, missing.why);
  // What fires in spite of session_replication_role = replica, or without it.
  const firing = rights.triggers.filter(({ enabled }) =>
    rights.mayReplicate ? enabled === "A" || enabled === "R" : enabled !== "R",
  );
  const trigger = (verb: string, name: string) =>
    asOwner(`alter table ${fallback.sql} ${verb} trigger ${ident(name)}`);
  return [
    ...(rights.mayReplicate
      ? [{ sql: "set local session_replication_role = replica", role: null }]
      : []),
    // A deferred check would be pending when the partition is attached, which is refused then.
    asOwner("set constraints all immediate"),
    asOwner(`lock table only ${state.sql}, ${fromDefault(fallback)} in access exclusive mode`),
    ...(begun
      ? [asOwner(`alter table ${state.sql} detach partition ${leaf}`)]
      : create.map(({ sql }) => asOwner(sql))),
    // Its owner may be held to row level security there; until the commit nobody else can reach it.
    ...(state.hasRls && begun ? [asOwner(`alter table ${leaf} no force row level security`)] : []),
    ...firing.map(({ name }) => trigger("disable", name)),
    asOwner(
      `with gone as (delete from ${fromDefault(fallback)} where ${condition} returning ${columns}),\n` +
        `placed as (insert into ${leaf} (${columns}) select ${columns} from gone returning 1)\n` +
        `select count(*)::int as moved from placed`,
    ),
    ...firing.map(({ name, enabled }) => trigger(enableWords[enabled] ?? "enable", name)),
    ...attachSteps(state, missing.name, bound, missing.why).map(({ sql }) => asOwner(sql)),
  ];
}

const enableWords: Record<string, string> = { A: "enable always", R: "enable replica" };

/** Only its text counts: it was read from a row, and is finite. */
function boundAt(text: string): Edge {
  return { ms: 0, text };
}
