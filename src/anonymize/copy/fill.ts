/** The target of a copy: filled by one run at a time, marked incomplete until the last statement. */
import { isPostgresError, type Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { openDatabaseCarrier } from "./database-carrier.ts";
import {
  analyze,
  compareCounts,
  makePieces,
  planEnding,
  runEnding,
  withDumpSettings,
} from "./finish.ts";
import {
  type Mark,
  type Marker,
  markComplete,
  phaseSql,
  readDoneParts,
  writeMarker,
} from "./marker.ts";
import { becomeTheOnlyWriter } from "./only-writer.ts";
import { openForCopy } from "./open.ts";
import type { Pace } from "./pace.ts";
import type { CopyRequest } from "./request.ts";
import type { Source } from "./source.ts";
import { transfer } from "./transfer.ts";
import type { Unit } from "./unit.ts";

interface Filling {
  readonly source: Source;
  readonly units: readonly Unit[];
  readonly pace: Pace;
  readonly request: CopyRequest;
  readonly mark: Mark;
  readonly marker: Marker | undefined;
}

/**
 * Brings a target from where `marker` says it stands to the complete copy.
 *
 * @throws PgwrightError `copy-refused`, and those of connecting: nothing was written; any other says that
 * the target is incomplete.
 */
export async function fillTarget(filling: Filling): Promise<void> {
  const { request, marker } = filling;
  const { openTarget, signal, targetDatabase } = request;
  await using session = await openForCopy(openTarget, { writes: true, signal });
  await becomeTheOnlyWriter(session, marker);
  await markingFailures(targetDatabase, () => fill(session, filling));
}

async function fill(
  session: Session,
  { source, units, pace, request, mark, marker }: Filling,
): Promise<void> {
  const { events, openTarget, signal } = request;
  if (marker === undefined) {
    await writeMarker(session, mark);
    events({ type: "step-progress", title: "tables and types" });
    await withDumpSettings(session, async () => {
      await session.script("begin");
      await makePieces(session, source.schema.before);
      await session.script(`${phaseSql("rows")}; commit`);
    });
  }
  const done = new Map((await readDoneParts(session)).map((part) => [part.unit, part]));
  for (const unit of units) {
    const part = done.get(unit.id);
    if (part !== undefined) pace.resume(unit, part);
  }
  const ending = await planEnding(source);
  const isPastRows = marker?.phase === "objects";
  if (!isPastRows) {
    const left = units.filter((unit) => !done.has(unit.id));
    await transfer({
      ...request,
      source,
      units: left,
      pace,
      openCarrier: (signal) => openDatabaseCarrier(openTarget, signal),
    });
    await compareCounts(session, source.tables, left, pace.report());
    await session.script(phaseSql("objects"));
  }
  const piecesDone = isPastRows ? marker.piecesDone : 0;
  await runEnding(session, ending, { done: piecesDone, openTarget, events, signal });
  events({ type: "step-progress", title: "gathering statistics" });
  await analyze(session);
  await markComplete(session);
}

/** Every failure after the first write says in what state the target is. */
async function markingFailures(database: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const known = isPostgresError(error)
      ? new PgwrightError("copy-failed", error.message, { sqlstate: error.code })
      : error;
    if (!(known instanceof PgwrightError) || known.code === "copy-refused") throw error;
    const { code, message, details } = known;
    throw new PgwrightError(code, message, {
      ...details,
      notes: [
        ...(details.notes ?? []),
        `the target \`${database}\` is incomplete and marked so; the source was only read`,
      ],
      hint:
        details.hint ??
        "the same command goes on where the source has not moved, else it starts again",
    });
  }
}
