/**
 * CREATE INDEX CONCURRENTLY that can be interrupted and tried again: a failed build leaves an
 * invalid index under the wanted name, which is dropped and built anew, and on a partitioned table,
 * where PostgreSQL refuses CONCURRENTLY, the index is built leaf by leaf.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ident, qualified } from "../db/identifier.ts";
import { parseScript } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { PgwrightError } from "../errors.ts";
import findBuild from "./index-building.sql";
import findIndex from "./index-state.sql";
import splitDefinition from "./index-definition.sql";
import findPartitions from "./index-partitions.sql";
import { relationSql } from "./table-names.ts";

export interface IndexState {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly isValid: boolean;
}

interface TableState {
  readonly schema: string;
  readonly table: string;
  readonly kind: string;
  readonly index: IndexState | null;
}

/** How the builder runs a statement that is brief but needs a lock: with timeout and retries. */
export type BriefRunner = (sql: string) => Promise<void>;

export interface BuildTools {
  readonly session: Session;
  readonly brief: BriefRunner;
  /** Called with each statement before it is sent. */
  readonly announce: (sql: string) => void;
  /** Says what the user would not expect from the statement they wrote. */
  readonly say: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds the index of a CREATE INDEX CONCURRENTLY statement. `isResumed` says that this statement
 * was begun before and did not report back: an index that is valid by now is then the work of that
 * attempt; otherwise an existing valid index is PostgreSQL's "already exists".
 */
export async function buildIndex(
  sql: string,
  isResumed: boolean,
  tools: BuildTools,
): Promise<void> {
  const { name, relation, isUnique, place } = readIndexStatement(sql);
  const table = relationSql(relation);
  const state = await inspect(tools.session, table, name);
  if (state?.kind === "p" && relation.inh === true) {
    if (state.index?.isValid && isResumed) return;
    await refuseForeign(name, state, tools.session);
    if (!state.index || state.index.isValid) {
      await tools.brief(`create ${isUnique ? "unique " : ""}index ${ident(name)} on only ${place}`);
    }
    await buildOnPartitions(name, state, tools);
    return;
  }
  if (state?.index) {
    if (state.index.isValid && isResumed) return;
    if (!state.index.isValid && (await dropInvalid(state.index, tools)) && isResumed) return;
  }
  tools.announce(sql);
  await tools.session.script(sql);
  const built = await inspect(tools.session, table, name);
  if (built?.index?.isValid === false) {
    throw new PgwrightError("index-invalid", `the index \`${name}\` was built but is not valid`, {
      hint: "run `pgwright migrate` again: it is dropped and built anew",
    });
  }
}

/** The statement that makes room for an index whose last build failed; undefined without one. */
export async function dropOfInvalid(sql: string, session: Session): Promise<string | undefined> {
  const { name, relation } = readIndexStatement(sql);
  const state = await inspect(session, relationSql(relation), name);
  if (!state?.index || state.index.isValid || state.kind === "p") return undefined;
  return dropSql(state.index);
}

function dropSql({ schema, name }: IndexState): string {
  return `drop index concurrently ${qualified(schema, name)}`;
}

/** The table as this session's search_path sees it, and its index of that name. */
async function inspect(
  session: Session,
  table: string,
  index: string,
): Promise<TableState | undefined> {
  const rows = await session.query<TableState>(findIndex, [table, index]);
  return rows[0];
}

/**
 * Drops an invalid index, but never one that is still being built: that build is waited for, and
 * what it has made valid is kept, and the answer true.
 */
async function dropInvalid(index: IndexState, tools: BuildTools): Promise<boolean> {
  let named: number | undefined;
  for (;;) {
    const [build] = await tools.session.query<{ pid: number }>(findBuild, [index.oid]);
    if (!build) break;
    if (build.pid !== named) tools.say(`waiting for pid ${build.pid}, which works on its table`);
    named = build.pid;
    try {
      await sleep(200, undefined, tools.signal ? { signal: tools.signal } : {});
    } catch (cause) {
      throw new PgwrightError("interrupted", `interrupted while pid ${build.pid} builds an index`, {
        cause,
      });
    }
  }
  const [now] = await tools.session.query<{ valid: boolean }>(
    "select indisvalid as valid from pg_index where indexrelid = $1::oid",
    [index.oid],
  );
  if (!now || now.valid) return now !== undefined;
  const drop = dropSql(index);
  tools.say(drop);
  await tools.session.script(drop);
  return false;
}

/** A foreign table has no index, and the parent's becomes valid only when each partition has one. */
async function refuseForeign(
  name: string,
  { schema, table }: TableState,
  session: Session,
): Promise<void> {
  const parent = qualified(schema, table);
  const foreign = await session.query<{ name: string }>(
    `select p.relid::regclass::text as name from pg_partition_tree($1::regclass) p
     join pg_class c on c.oid = p.relid where c.relkind = 'f' order by 1`,
    [parent],
  );
  if (foreign.length === 0) return;
  const names = foreign.map((row) => row.name).join(", ");
  throw new PgwrightError(
    "index-invalid",
    `the index \`${name}\` on ${parent} can never become valid when it is built concurrently: ${names} ${foreign.length === 1 ? "is a foreign table" : "are foreign tables"}`,
    {
      notes: ["nothing was built"],
      hint: "leave CONCURRENTLY out (PostgreSQL passes over foreign tables then), after a concurrent index on each local partition, which it takes over",
    },
  );
}

interface PartitionRow {
  readonly schema: string;
  readonly table: string;
  readonly isPartitioned: boolean;
  /** The index of this partition that is attached to the parent's, if any. */
  readonly attached: boolean;
}

/**
 * The three steps PostgreSQL allows: an empty, invalid index on the parent only; the same
 * definition concurrently on each leaf; ATTACH, whose last one makes the parent's index valid.
 */
async function buildOnPartitions(
  name: string,
  state: TableState,
  tools: BuildTools,
): Promise<void> {
  await buildBelow({ schema: state.schema, table: state.table, index: name }, tools);
  const built = await inspect(tools.session, qualified(state.schema, state.table), name);
  if (built?.index?.isValid !== true) {
    throw new PgwrightError(
      "index-invalid",
      `the index \`${name}\` on the partitioned table ${qualified(state.schema, state.table)} is not valid after every leaf was built`,
      { hint: "run `pgwright migrate` again: what is missing is built" },
    );
  }
}

async function buildBelow(
  parent: { schema: string; table: string; index: string },
  tools: BuildTools,
): Promise<void> {
  const { session } = tools;
  const parentIndex = qualified(parent.schema, parent.index);
  const definition = await session.one<{
    isUnique: boolean;
    tail: string | null;
    tablespace: string | null;
  }>(splitDefinition, [parentIndex]);
  const partitions = await session.query<PartitionRow>(findPartitions, [
    qualified(parent.schema, parent.table),
    parentIndex,
  ]);
  const { isUnique, tail, tablespace } = definition;
  if (tail === null) {
    throw new PgwrightError("internal", `the definition of ${parentIndex} has an unknown form`);
  }
  const unique = isUnique ? "unique " : "";
  for (const partition of partitions) {
    if (partition.attached && !partition.isPartitioned) continue;
    const table = qualified(partition.schema, partition.table);
    const name = leafIndexName(partition.table, parent.index);
    const existing = (await inspect(session, table, name))?.index;
    if (partition.isPartitioned) {
      if (!existing)
        await tools.brief(
          `${tablespace === null ? "" : `set local default_tablespace = ${ident(tablespace)};\n`}create ${unique}index ${ident(name)} on only ${table} ${tail}`,
        );
      await buildBelow({ schema: partition.schema, table: partition.table, index: name }, tools);
    } else {
      const isThere =
        existing !== null &&
        existing !== undefined &&
        (existing.isValid || (await dropInvalid(existing, tools)));
      if (!isThere) {
        const create = `create ${unique}index concurrently ${ident(name)} on ${table} ${tail}`;
        tools.announce(create);
        if (tablespace !== null) {
          await session.script(`set default_tablespace = ${ident(tablespace)}`);
        }
        await session.script(create);
      }
    }
    if (!partition.attached) {
      await tools.brief(
        `alter index ${parentIndex} attach partition ${qualified(partition.schema, name)}`,
      );
    }
  }
}

/** `<leaf>_<index>`, cut with a hash where it would exceed PostgreSQL's 63 bytes. */
export function leafIndexName(leaf: string, index: string): string {
  const name = `${leaf}_${index}`;
  if (Buffer.byteLength(name) <= 63) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  let cut = name;
  while (Buffer.byteLength(cut) > 63 - 9) cut = [...cut].slice(0, -1).join("");
  return `${cut}_${hash}`;
}

/** The parts of a CREATE INDEX statement; `place` is its text from the table's name on. */
function readIndexStatement(sql: string) {
  // Parsed alone, so that the parser's places (UTF-8 bytes) count from the statement's beginning.
  const node = parseScript(sql)[0]?.node;
  if (!node || !("IndexStmt" in node) || !node.IndexStmt.idxname || !node.IndexStmt.relation) {
    throw new PgwrightError("internal", `not a named CREATE INDEX: ${sql}`);
  }
  const { idxname, relation, unique } = node.IndexStmt;
  const place = Buffer.from(sql)
    .subarray(relation.location ?? 0)
    .toString();
  return { name: idxname, relation, isUnique: unique === true, place };
}
