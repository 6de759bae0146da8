import { ident } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { formatCount } from "../../db/amount.ts";
import type { Check, CheckContext } from "../check.ts";
import { cannotLook, lookAtPart } from "../look.ts";
import listPartitions from "./partitions.sql";

interface PartitionRow {
  readonly parent: string;
  readonly partition: string;
  /** DETACH CONCURRENTLY stopped half-way; else it is a default partition. */
  readonly isDetaching: boolean;
  readonly parentOid: string;
  readonly isForeign: boolean;
  readonly isPartitioned: boolean;
  readonly isReadable: boolean;
  readonly isReachable: boolean;
}

export const partitions: Check = {
  title: "partitions",
  async look(session, context) {
    const findings: Finding[] = [];
    for (const row of await session.query<PartitionRow>(listPartitions)) {
      if (row.isDetaching) findings.push(judgeDetaching(row));
      else findings.push(...(await lookAtDefault(session, row, context)));
    }
    return findings;
  },
};

function judgeDetaching({ parent, partition }: PartitionRow): Finding {
  return {
    rule: "doctor/partition-detaching",
    severity: "warning",
    message: `${partition} is half detached from ${parent}: DETACH CONCURRENTLY was interrupted, its rows no longer show in ${parent}, and no other partition can be detached`,
    object: partition,
    hint: `\`ALTER TABLE ${parent} DETACH PARTITION ${partition} FINALIZE;\``,
  };
}

async function lookAtDefault(
  session: Session,
  row: PartitionRow,
  { limits, server }: CheckContext,
): Promise<readonly Finding[]> {
  const { parent, partition } = row;
  const what = `default partition ${partition}`;
  if (row.isForeign) {
    return [
      cannotLook(
        what,
        "it is a foreign table, and its server may be slow",
        `\`SELECT count(*) FROM ${partition};\``,
      ),
    ];
  }
  if (!row.isReadable || !row.isReachable) {
    return [
      cannotLook(
        what,
        `${ident(server.role)} may not read it`,
        `let a superuser run \`GRANT pg_read_all_data TO ${ident(server.role)};\`, or its owner grant SELECT`,
      ),
    ];
  }
  return lookAtPart(session, what, async () => {
    const only = row.isPartitioned ? "" : "only ";
    // "RANGE (created_at)". Asked for here, because it waits for a lock on the parent.
    const { key } = await session.one<{ key: string }>("select pg_get_partkeydef($1::oid) as key", [
      row.parentOid,
    ]);
    // One more than the limit tells "at least" from "exactly".
    const { count } = await session.one<{ count: number }>(
      `select count(*)::int as count from (select from ${only}${partition} limit ${limits.countedRows + 1}) as found`,
    );
    if (count === 0) return [];
    const rows =
      count > limits.countedRows
        ? `more than ${formatCount(limits.countedRows)} rows`
        : `${formatCount(count)} ${count === 1 ? "row" : "rows"}`;
    return [
      {
        rule: "doctor/partition-default",
        severity: "warning",
        message: `${partition}, the default partition of ${parent} by ${key}, holds ${rows}: a partition for their values cannot be added before they are moved out`,
        object: partition,
        hint: `see which: \`SELECT ${keyColumns(key)}, count(*) FROM ${only.toUpperCase()}${partition} GROUP BY ${keyColumns(key)} ORDER BY 1;\`, then in one transaction move them into a new table made with LIKE ${parent}, and attach it`,
      },
    ];
  });
}

/** "created_at" of "RANGE (created_at)". */
function keyColumns(key: string): string {
  return key.slice(key.indexOf("(") + 1, key.lastIndexOf(")"));
}
