/** The report as one file for browsers: no network, no scripts. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { loadParser } from "../../db/script.ts";
import type { Session } from "../../db/session.ts";
import { writePage } from "../../html/write-page.ts";
import { compare } from "../compare.ts";
import { type QueryReport, reportQueries } from "../report.ts";
import type { SinceReport } from "../since.ts";
import { findSnapshot, takeSnapshot } from "../snapshot.ts";
import type { Choice } from "../statistics.ts";
import { renderPage } from "./page.ts";
import { readServer } from "./server.ts";
import type { Point } from "./timeline.ts";

type Place = Choice & { readonly directory: string; readonly workingDirectory: string };

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
  });
  await writePage(path, page);
}

/** The load between each two of the stored snapshots, and from the last of them to now. */
async function readTimeline(session: Session, place: Place): Promise<Point[]> {
  await loadParser();
  const { database } = session.server;
  const folder = join(place.directory, encodeURIComponent(database));
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = names
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted()
    .slice(-mostPoints);
  const points: Point[] = [];
  let before: Awaited<ReturnType<typeof findSnapshot>> | undefined;
  for (const file of [...files, undefined]) {
    if (file === undefined && before === undefined) break;
    const after =
      file === undefined
        ? await takeSnapshot(session)
        : await findSnapshot(join(folder, file), { ...place, database }, new Date());
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
