/** What one step of a rollback loses, keeps and guards, as the work that is carried out. */
import type { Statement } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import type { Loss } from "../count-loss.ts";
import type { Examination } from "../data-loss.ts";
import type { LedgerPlace } from "../ledger-place.ts";
import { ledgerName } from "../ledger-place.ts";
import type { DownStep } from "../plan-down.ts";
import type { SectionWork } from "../section-steps.ts";
import type { Run } from "../segment.ts";
import type { KeptFrom } from "./origin-sql.ts";
import type { Keep } from "./plan-keep.ts";
import { planKeep } from "./plan-keep.ts";
import { positionsOf } from "./positions-sql.ts";
import type { Shape } from "./shape.ts";
import { keptReason, keptTable } from "./shape.ts";

/** Kept by this rollback. */
export interface KeptNow {
  readonly object: string;
  readonly kind: Shape["kind"];
  /** Of `positions`: how many sequences. */
  readonly rows: number;
  readonly table: string;
}

interface LossOptions {
  readonly ledger: LedgerPlace;
  readonly keepData?: boolean | undefined;
  readonly allowDataLoss: boolean;
}

/** How the data of this step are known later. */
export function keptFrom({ applied, title, file }: DownStep, ledger: LedgerPlace): KeptFrom {
  const checksum = applied.checksum || (file?.checksum ?? null);
  return { ledger: ledgerName(ledger), version: applied.version, file: title, checksum };
}

export interface Losses {
  readonly losses: readonly Loss[];
  readonly work: SectionWork & { readonly keeps: readonly Keep[] };
}

/**
 * With `keepData` only what cannot be kept is a loss. With `allowDataLoss` there are no guards: rows
 * that come in meanwhile may go, too.
 */
export async function planLosses(
  session: Session,
  step: DownStep,
  examination: Examination,
  options: LossOptions,
  firstId: number,
): Promise<Losses> {
  const { work } = step;
  const guards = options.allowDataLoss ? new Map() : examination.guards;
  if (!options.keepData) {
    const { losses } = examination;
    return { losses, work: { ...work, keeps: [], ...(options.allowDataLoss ? {} : { guards }) } };
  }
  const from = keptFrom(step, options.ledger);
  const plan = await planKeep(session, work.runs, examination, { from, firstId });
  const isOfTable = new Set(examination.lost.map(({ loss }) => loss));
  const merged = new Map(guards);
  for (const [statement, sql] of plan.before) {
    merged.set(statement, [...sql, ...(merged.get(statement) ?? [])]);
  }
  for (const statement of beginnings(work.runs, merged)) {
    // Behind the locks of what is kept: nobody takes numbers for these tables any more.
    merged.set(statement, [...(merged.get(statement) ?? []), plan.positions]);
  }
  return {
    losses: [
      ...examination.losses
        .filter((loss) => !isOfTable.has(loss))
        .map((loss) => ({
          ...loss,
          notKept: loss.verb === "runs" ? "it is code" : "it is no table",
        })),
      ...plan.lost.map(({ lost, why }) => ({ ...lost.loss, notKept: why })),
    ],
    work: {
      ...work,
      keeps: plan.keeps,
      guards: merged,
      record: (since) => [
        ...plan.after,
        ...work.record(since, plan.keeps.length > 0 ? keptReason : undefined),
      ],
    },
  };
}

/** The first statement of each transaction; one with a guard has its own. */
function beginnings(runs: readonly Run[], guards: ReadonlyMap<Statement, unknown>): Statement[] {
  return runs.flatMap((run) => {
    const first = run.kind === "block" ? run.statements[0] : run.statement;
    return first && (run.kind === "block" || guards.has(first)) ? [first] : [];
  });
}

/** How much each of them has kept, and of which sequences the rollback has kept the position. */
export async function readKeptNow(
  session: Session,
  keeps: readonly Keep[],
  from: KeptFrom,
): Promise<KeptNow[]> {
  const rows = await session.query<{
    id: string;
    object: string;
    rows: string;
    isPosition: boolean;
  }>(
    `select id::text, object, kept_rows::text as rows, ${positionsOf(from)} as "isPosition" from pgwright.kept_data`,
  );
  const tables = keeps.map(({ id, object, shape: { kind } }) => ({
    object,
    kind,
    rows: Number(rows.find((row) => row.id === String(id))?.rows ?? 0),
    table: keptTable(id),
  }));
  const positions = rows
    .filter(({ isPosition }) => isPosition)
    .map(({ id, object, rows: count }) => ({
      object,
      kind: "positions" as const,
      rows: Number(count),
      table: keptTable(id),
    }));
  return [...tables, ...positions];
}
