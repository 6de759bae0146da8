/** The target is scanned for personal data by those who know nothing of the rules. */
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { type Catalog, nameOf, rootOf } from "../catalog.ts";
import type { MaskingPlan } from "../plan.ts";
import { type PiiFinding, scan } from "./scanner.ts";

/** What a column holds that the scan takes for personal data, and what the rules say of it. */
export interface Rescanned {
  readonly column: string;
  readonly entity: string;
  readonly level: PiiFinding["level"];
  /** masked: what is found are masks; kept: the rules say why; left: nothing speaks of it. */
  readonly is: "masked" | "kept" | "left";
  readonly reason?: string;
}

export async function rescan(
  target: Session,
  catalog: Catalog,
  plan: MaskingPlan,
  ledger: { readonly schema: string; readonly table: string },
): Promise<{
  scanned: { tables: number; columns: number; rows: number };
  found: Rescanned[];
  findings: Finding[];
}> {
  const report = await scan(target, { level: "sample", ledger });
  const said = new Map<string, Pick<Rescanned, "is" | "reason">>();
  for (const { oid, columns } of plan.tables) {
    const table = catalog.byOid.get(oid);
    if (!table) continue;
    for (const { name, expression, rules } of columns) {
      const reason = rules.find((rule) => rule.reason !== undefined)?.reason;
      const is = expression !== undefined ? "masked" : reason === undefined ? "left" : "kept";
      const about = { is, ...(reason !== undefined && { reason }) } as const;
      said.set(`${nameOf(table)}.${name}`, about);
      said.set(`${nameOf(rootOf(catalog, table))}.${name}`, about);
    }
  }
  // What has no rows of its own, like a view, is what its tables are.
  const found = report.findings.flatMap(
    ({ schema, table, column, path, entity, level, direct }) => {
      const about = said.get(`${schema}.${table}.${column}`);
      const name = `${schema}.${table}.${path ?? column}`;
      return about ? [{ column: name, entity, level, direct, ...about }] : [];
    },
  );
  const findings = found.flatMap(({ column, entity, level, direct, is }): Finding[] => {
    if (is !== "left" || level === "possible") return [];
    return [
      {
        rule: "verify/personal-data",
        severity: level === "certain" && direct ? "error" : "warning",
        message: `${column} holds ${entity}, it seems (${level}), and no rule speaks of it`,
        hint: "pgwright pii-scan says why; write a rule for it, or keep it with a reason",
        object: column,
      },
    ];
  });
  const { tables, columns, rows } = report;
  return {
    scanned: { tables, columns, rows },
    found: found.map(({ direct: _direct, ...one }) => one),
    findings,
  };
}
