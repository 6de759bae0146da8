/** The report as one file for browsers: no network, no scripts. */
import { loadParser } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import { writePage } from "../../html/write-page.ts";
import { type IndexReport, listIndexes } from "../../indexes/list.ts";
import { compare } from "../compare.ts";
import type { DeclaredMatviews } from "../matviews/declared.ts";
import { listMatviews } from "../matviews/list.ts";
import { type QueryReport, reportQueries } from "../report.ts";
import type { SinceReport } from "../since.ts";
import { listSnapshots, type SnapshotPlace } from "../find-snapshot.ts";
import { takeSnapshot, type Snapshot } from "../snapshot.ts";
import type { Choice } from "../statistics.ts";
import { renderPage } from "./page.ts";
import { readServer } from "./server.ts";
import type { Point } from "./timeline.ts";

interface Place extends Choice, SnapshotPlace {
  readonly ledger: { readonly schema: string; readonly table: string };
  /** Undefined where the project promises no ages. */
  readonly declared: DeclaredMatviews | undefined;
}

// As `indexes list` has it.
const minAge = 30 * 86_400;

// More intervals than this are narrower than a pixel or two.
const mostPoints = 200;

/** @throws PgwrightError `file-unwritable`. */
export async function writeHtmlReport(
  session: Session,
  path: string,
  result: QueryReport | SinceReport,
  place: Place,
): Promise<void> {
  const since = "judged" in result ? result : null;
  const report = "judged" in result ? await reportQueries(session, place) : result;
  const page = await renderPage({
    report,
    since,
    server: await readServer(session),
    timeline: await readTimeline(session, place),
    matviews: await listMatviews(session, place.declared),
    indexes: await readIndexes(session, place),
  });
  await writePage(path, page);
}

/** One table that is locked is no reason to give no page. */
async function readIndexes(
  session: Session,
  { ledger }: Place,
): Promise<IndexReport | { readonly trouble: string }> {
  try {
    return await listIndexes(session, { all: false, minAge, ledger });
  } catch (error) {
    if (!(error instanceof PgwrightError) || error.code !== "lock-timeout") throw error;
    return { trouble: error.message };
  }
}

/** The load between each two of the stored snapshots, and from the last of them to now. */
async function readTimeline(session: Session, place: Place): Promise<Point[]> {
  await loadParser();
  const known = (await listSnapshots(session, place)).slice(-mostPoints);
  const points: Point[] = [];
  let before: Snapshot | undefined;
  for (const one of known.length === 0 ? [] : [...known, undefined]) {
    const after = one === undefined ? await takeSnapshot(session) : await one.read();
    if (before !== undefined) {
      const { seconds, totalMs, calls } = compare(before, after);
      if (seconds > 0) {
        points.push({
          from: before.takenAt,
          to: after.takenAt,
          load: totalMs / 1000 / seconds,
          callsPerSecond: calls / seconds,
        });
      }
    }
    before = after;
  }
  return points;
}
