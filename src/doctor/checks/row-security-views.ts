import type { Finding } from "../../findings.ts";
import { formatNames } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import { groupBy } from "../group.ts";
import listGuardedReads from "./row-security-views.sql";

interface ReadRow {
  readonly view: string;
  readonly isMaterialized: boolean;
  /** A table with row security that the view reads, directly or through other views. */
  readonly table: string;
  /** The role it is read as. */
  readonly reader: string;
  readonly sees: "all" | "some" | "none";
  /** Roles besides the owner that may read the view and have no way around row security. */
  readonly readers: readonly string[] | null;
  /** Views on the way that ask as their owner, the view itself included. */
  readonly ownerViews: readonly string[];
}

export const rowSecurityViews: Check = {
  title: "row security of views",
  async look(session) {
    const rows = await session.query<ReadRow>(listGuardedReads);
    const views = groupBy(rows, (row) => row.view);
    return [...views.values()].flatMap((reads) =>
      reads[0]?.isMaterialized ? judgeMaterialized(reads) : judgeView(reads),
    );
  },
};

function judgeMaterialized(reads: readonly ReadRow[]): Finding[] {
  const view = reads[0]?.view ?? "";
  const findings: Finding[] = [];
  for (const [reader, rows] of groupBy(reads, (row) => row.reader)) {
    const nothing = tablesOf(rows, "none");
    const some = tablesOf(rows, "some");
    const table = nothing[0] ?? some[0];
    if (table === undefined) continue;
    findings.push({
      rule: "doctor/rls-matview",
      severity: nothing.length > 0 ? "error" : "warning",
      message:
        nothing.length > 0
          ? `${view} is refreshed as ${reader}, from whom row security hides every row of ${formatNames(nothing)}: the next REFRESH loses those rows and reports success`
          : `${view} is refreshed as ${reader}, to whom policies show only a part of ${formatNames(some)}: so it holds only that part`,
      object: view,
      hint: `let a superuser run \`ALTER ROLE ${reader} BYPASSRLS;\`; where that right cannot be had, \`CREATE POLICY all_rows ON ${table} FOR SELECT TO ${reader} USING (true);\``,
    });
  }
  const stored = tablesOf(reads, "all");
  const readers = reads[0]?.readers;
  if (readers && stored.length > 0) {
    findings.push({
      rule: "doctor/rls-matview-open",
      severity: "info",
      message: `${view} holds rows of ${formatNames(stored)} whatever their policies say, and ${formatNames(readers)} may read it: row security does not reach into materialized views`,
      object: view,
      hint: `if it shows more than those roles may see: \`REVOKE SELECT ON ${view} FROM ${readers.join(", ")};\` and give them a function or view that filters`,
    });
  }
  return findings;
}

function judgeView(reads: readonly ReadRow[]): Finding[] {
  const shown = reads.filter((row) => row.sees === "all");
  const { view, readers } = reads[0] ?? {};
  if (view === undefined || !readers || shown.length === 0) return [];
  const owners = [...new Set(shown.map((row) => row.reader))];
  const views = [...new Set(shown.flatMap((row) => row.ownerViews))];
  return [
    {
      rule: "doctor/rls-view",
      severity: "warning",
      message: `${view} shows every row of ${formatNames(tablesOf(shown, "all"))} to ${formatNames(readers)}, whatever the policies say: it reads as ${formatNames(owners)}, who is not subject to them`,
      object: view,
      hint: `${views.map((name) => `\`ALTER VIEW ${name} SET (security_invoker = true);\``).join(" ")} makes it read as its caller, who then needs rights on the tables`,
    },
  ];
}

function tablesOf(reads: readonly ReadRow[], sees: ReadRow["sees"]): string[] {
  return [...new Set(reads.filter((row) => row.sees === sees).map((row) => row.table))];
}
