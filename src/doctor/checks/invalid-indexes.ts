import type { Finding } from "../../findings.ts";
import { formatNames, formatShare } from "../amount.ts";
import type { Check, CheckContext } from "../check.ts";
import listInvalid from "./invalid-indexes.sql";

interface InvalidRow {
  readonly index: string;
  readonly table: string;
  readonly isPartitioned: boolean;
  readonly isUnique: boolean;
  /** Writes keep it up to date, and pay for it, though no query uses it. */
  readonly isMaintained: boolean;
  /** Its name is one that REINDEX CONCURRENTLY gives its temporary indexes. */
  readonly isLeftover: boolean;
  /** The backend that builds it now. */
  readonly pid: number | null;
  readonly phase: string | null;
  readonly share: number | null;
  readonly waitsFor: number | null;
  /** A backend that builds something in this database that this role may not look at. */
  readonly hiddenPid: number | null;
  /** " USING btree (a)" */
  readonly definition: string;
  /** Of a partitioned index: the partitions of its table. */
  readonly leaves: readonly LeafRow[] | null;
}

interface LeafRow {
  readonly table: string;
  readonly schema: string;
  /** A free name for an index on it. */
  readonly name: string;
  readonly isPartitioned: boolean;
  /** The index of it that is attached. */
  readonly index: string | null;
  readonly isValid: boolean;
}

export const invalidIndexes: Check = {
  title: "invalid indexes",
  async look(session, context) {
    const rows = await session.query<InvalidRow>(listInvalid);
    return rows.map((row) => judgeIndex(row, context));
  },
};

function judgeIndex(row: InvalidRow, { server }: CheckContext): Finding {
  const { index, table } = row;
  if (row.pid !== null) {
    const share = row.share === null ? "" : `, ${formatShare(row.share)}`;
    const waits = row.waitsFor === null ? "" : `, waiting for pid ${row.waitsFor}`;
    return {
      rule: "doctor/index-building",
      severity: "info",
      message: `index ${index} on ${table} is being built by pid ${row.pid} (${row.phase}${share}${waits}): leave it alone`,
      object: index,
    };
  }
  if (row.isPartitioned) return judgePartitioned(row);
  const cost = row.isMaintained
    ? `every write to ${table} maintains it${row.isUnique ? ", it refuses duplicates" : ""}, and no query uses it`
    : "no query uses it";
  const first = server.isStandby
    ? "make sure on the primary that nobody is building it (`SELECT * FROM pg_stat_progress_create_index;`), then there: "
    : row.hiddenPid === null
      ? ""
      : `pid ${row.hiddenPid} builds an index that this role may not look at: if it is not this one, `;
  return {
    rule: "doctor/index-invalid",
    severity: "warning",
    message: row.isLeftover
      ? `index ${index} on ${table} is what an interrupted REINDEX CONCURRENTLY left behind: ${cost}`
      : `index ${index} on ${table} is invalid, left by a concurrent build that failed: ${cost}`,
    object: index,
    hint: row.isLeftover
      ? `${first}\`DROP INDEX CONCURRENTLY ${index};\``
      : `${first}\`REINDEX INDEX CONCURRENTLY ${index};\`, or \`DROP INDEX CONCURRENTLY ${index};\` if it is not wanted`,
  };
}

/**
 * A partitioned index is valid when each partition has a valid index attached to it. ATTACH checks
 * that again, also for one that is attached already (seen on 15 to 18).
 */
function judgePartitioned(row: InvalidRow): Finding {
  const { index, table, leaves } = row;
  const lacking = (leaves ?? []).filter(({ isValid }) => !isValid);
  const names = formatNames(lacking.map((leaf) => leaf.table));
  const attached = leaves?.find((leaf) => leaf.index !== null)?.index;
  const why =
    lacking.length > 0
      ? `${names} ${lacking.length === 1 ? "has" : "have"} no valid part of it`
      : "nobody looked again since its last part became valid";
  const steps =
    lacking.length > 0
      ? lacking
          .slice(0, 20)
          .map((leaf) => repairLeaf(leaf, row))
          .join(" ") + (lacking.length > 20 ? ` and so on for ${lacking.length - 20} more` : "")
      : attached
        ? attach(index, attached)
        : `\`DROP INDEX ${index};\` \`${createOn(row, "")} ON ${table}${row.definition};\``;
  return {
    rule: "doctor/index-invalid",
    severity: "warning",
    object: index,
    message: `index ${index} on the partitioned table ${table} is invalid: ${why}`,
    hint: steps,
  };
}

function repairLeaf(leaf: LeafRow, row: InvalidRow): string {
  const { index } = row;
  const name = leaf.index ?? `${leaf.schema}.${leaf.name}`;
  if (leaf.index !== null) {
    // One that is partitioned itself is a finding of its own.
    const repair = leaf.isPartitioned
      ? `first repair ${name}, then`
      : `\`REINDEX INDEX CONCURRENTLY ${name};\``;
    return `${repair} ${attach(index, name)}`;
  }
  const create = leaf.isPartitioned
    ? `${createOn(row, leaf.name)} ON ONLY ${leaf.table}`
    : `${createOn(row, `CONCURRENTLY ${leaf.name}`)} ON ${leaf.table}`;
  return `\`${create}${row.definition};\` ${attach(index, name)}`;
}

function createOn({ isUnique }: InvalidRow, name: string): string {
  return `CREATE ${isUnique ? "UNIQUE " : ""}INDEX ${name}`.trimEnd();
}

function attach(index: string, part: string): string {
  return `\`ALTER INDEX ${index} ATTACH PARTITION ${part};\``;
}
