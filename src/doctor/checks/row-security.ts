import { literal } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import { countOf, formatNames } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import listHalfDone from "./row-security.sql";

interface TableRow {
  readonly name: string;
  readonly isOn: boolean;
  readonly policies: readonly string[] | null;
  /** The nearest partitioned table above it that has row security. */
  readonly guardedParent: string | null;
  /** Roles besides the owner that may read or write it, and have no way around row security. */
  readonly grantees: readonly string[] | null;
}

export const rowSecurity: Check = {
  title: "row security",
  async look(session) {
    const rows = await session.query<TableRow>(listHalfDone);
    const findings = rows.flatMap((row) => judgeTable(row));
    return [...findings, ...judgeLeaves(rows)];
  },
};

function judgeTable({ name, isOn, policies }: TableRow): Finding[] {
  if (policies !== null && !isOn) {
    return [
      {
        rule: "doctor/rls-off",
        severity: "error",
        message: `${name} has ${countOf(policies.length, "policy")} (${formatNames(policies)}) that do nothing: row security is off there`,
        object: name,
        hint: `\`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY;\`, or drop the policies`,
      },
    ];
  }
  if (!isOn) return [];
  return [
    {
      rule: "doctor/rls-no-policy",
      severity: "warning",
      message: `${name} has row security and no policy: nobody but its owner and roles with BYPASSRLS sees a row`,
      object: name,
      hint: `\`CREATE POLICY … ON ${name} TO … USING (…);\`, or \`ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY;\` if it need not be guarded`,
    },
  ];
}

/** Policies of a partitioned table do not hold for its partitions when those are named themselves. */
function judgeLeaves(rows: readonly TableRow[]): Finding[] {
  const byParent = new Map<string, { leaves: string[]; grantees: Set<string> }>();
  for (const { name, isOn, guardedParent, grantees } of rows) {
    if (isOn || guardedParent === null || grantees === null) continue;
    const group = byParent.get(guardedParent) ?? { leaves: [], grantees: new Set<string>() };
    group.leaves.push(name);
    for (const grantee of grantees) group.grantees.add(grantee);
    byParent.set(guardedParent, group);
  }
  return [...byParent].map(([parent, { leaves, grantees }]) => ({
    rule: "doctor/rls-partition",
    severity: "error",
    message: `${countOf(leaves.length, "partition")} of ${parent} can be read or written past its policies by ${formatNames([...grantees])}: ${formatNames(leaves)}`,
    object: parent,
    hint: `${revoke(parent, leaves, [...grantees].join(", "))} (queries on ${parent} need no rights on its partitions)`,
  }));
}

/** With many partitions, the statement that writes the statements. */
function revoke(parent: string, leaves: readonly string[], grantees: string): string {
  if (leaves.length <= 20) return `\`REVOKE ALL ON ${leaves.join(", ")} FROM ${grantees};\``;
  const from = literal(`REVOKE ALL ON %s FROM ${grantees}`);
  return `in psql: \`SELECT format(${from}, relid::regclass) FROM pg_partition_tree(${literal(parent)}) WHERE level > 0 \\gexec\``;
}
