/** What a run is to carry. */
import { formatNames } from "../../db/amount.ts";
import type { EventListener } from "../../events.ts";
import type { Finding } from "../../findings.ts";
import { closeSubset } from "../subset/close.ts";
import type { SubsetRequest } from "../subset/root.ts";
import type { Source } from "./source.ts";
import { planSubsetUnits, planUnits, type Unit, unitBytesFor } from "./unit.ts";

export interface WorkRequest {
  readonly subset?: SubsetRequest | undefined;
  readonly jobs: number;
  readonly unitBytes?: number | undefined;
  /** The target can take what several sessions read as one table's rows. */
  readonly merges: boolean;
  readonly events: EventListener;
}

/** All rows in units; of a subset its rows, and the whole ledger. */
export async function planWork(
  source: Source,
  { subset, jobs, unitBytes, merges, events }: WorkRequest,
): Promise<{ units: Unit[]; findings: Finding[] }> {
  const { session, tables } = source;
  if (subset === undefined) {
    const bytes = unitBytes ?? unitBytesFor(tables, jobs);
    return { units: planUnits(tables, { bytes, merges: merges && jobs > 1 }), findings: [] };
  }
  const ledger = tables.filter((table) => table.isLedger);
  const rest = tables.filter((table) => !table.isLedger);
  const rows = await closeSubset(session, rest, subset, events);
  const empty = rest.filter(({ oid, bytes }) => !rows.has(oid) && bytes > 0).map(({ id }) => id);
  const findings: Finding[] =
    empty.length === 0
      ? []
      : [
          {
            rule: "copy/outside-subset",
            severity: "info",
            message: `no rows of ${formatNames(empty)} are in the subset: no foreign key leads there from its rows`,
            hint: 'a further `--subset "schema.table: true"` takes one in',
          },
        ];
  return {
    units: [
      ...planSubsetUnits(rest, rows),
      ...planUnits(ledger, { bytes: 2 ** 30, merges: false }),
    ],
    findings,
  };
}
