/** What one step of a rollback loses, keeps and guards, as the work that is carried out. */
import type { Session } from "../../db/session.ts";
import type { Loss } from "../count-loss.ts";
import type { Examination } from "../data-loss.ts";
import type { DownStep } from "../plan-down.ts";
import type { SectionWork } from "../section-steps.ts";
import type { Keep } from "./plan-keep.ts";
import { planKeep } from "./plan-keep.ts";
import { keptTable } from "./shape.ts";

/** Kept by this rollback. */
export interface KeptNow {
  readonly object: string;
  readonly rows: number;
  readonly table: string;
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
  { work, title }: DownStep,
  examination: Examination,
  options: { readonly keepData?: boolean | undefined; readonly allowDataLoss: boolean },
  firstId: number,
): Promise<Losses> {
  const guards = options.allowDataLoss ? new Map() : examination.guards;
  if (!options.keepData) {
    const { losses } = examination;
    return { losses, work: { ...work, keeps: [], ...(options.allowDataLoss ? {} : { guards }) } };
  }
  const { version } = work;
  const plan = await planKeep(session, work.runs, examination, { version, file: title, firstId });
  const isOfTable = new Set(examination.lost.map(({ loss }) => loss));
  const merged = new Map(guards);
  for (const [statement, sql] of plan.before) {
    merged.set(statement, [...sql, ...(merged.get(statement) ?? [])]);
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
      record: (since) => [...plan.after, ...work.record(since)],
    },
  };
}

/** How much each of them has kept. */
export async function readKeptNow(session: Session, keeps: readonly Keep[]): Promise<KeptNow[]> {
  if (keeps.length === 0) return [];
  const rows = await session.query<{ id: string; rows: string }>(
    "select id::text, kept_rows::text as rows from pgwright.kept_data",
  );
  return keeps.map(({ id, object }) => ({
    object,
    rows: Number(rows.find((row) => row.id === String(id))?.rows ?? 0),
    table: keptTable(id),
  }));
}
