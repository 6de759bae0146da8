/** What is said of a plan before `migrate` carries it out. */
import type { EventListener } from "../events.ts";
import type { OnlineChange } from "./online/online.ts";
import type { Comparison } from "./plan.ts";
import type { PreparedMigration } from "./prepare.ts";

interface Asked {
  readonly online?: boolean | undefined;
  readonly isNotOnlineAsked?: boolean | undefined;
  readonly events: EventListener;
}

/** Files that the database knows and the directory does not. */
export function sayWhatIsUnusual(comparison: Comparison, events: EventListener): void {
  const { ahead, archived } = comparison;
  if (ahead.length > 0) {
    const versions = ahead.map(
      ({ version, change }) => `${version} (${change ?? "change unknown"})`,
    );
    const isCompatible = ahead.every(({ change }) => change === "minor" || change === "patch");
    events({
      type: "notice",
      level: "warning",
      message: `the database is ahead of these files: ${versions.join(", ")} ${ahead.length === 1 ? "is" : "are"} applied and unknown here; ${isCompatible ? "recorded as compatible" : "--allow-newer goes on all the same"}`,
    });
  }
  if (archived.length > 0) {
    events({
      type: "notice",
      level: "info",
      message: `${archived.length} applied migrations below the first file have no file any more`,
    });
  }
}

/** A file that was begun online goes on so, asked or not: its first statements cannot be taken back. */
export function sayWhatGoesOn(
  migrations: readonly PreparedMigration[],
  { online, isNotOnlineAsked, events }: Asked,
): void {
  if (online === true) return;
  for (const { file } of migrations.filter((migration) => migration.online !== undefined)) {
    const message = `${file.name} was begun online and goes on in that form, ${isNotOnlineAsked ? "also with --no-online" : "without --online too"}`;
    events({ type: "notice", level: "info", message });
  }
}

/** Whoever says `--online` believes that nothing is blocked. */
export function sayWhatStays(changes: readonly OnlineChange[], events: EventListener): void {
  for (const { file, line, statement, why } of changes) {
    if (why === undefined) continue;
    const place = line === undefined ? file : `${file}:${line}`;
    const message = `${place} \`${statement}\` is not online: ${why}`;
    events({ type: "notice", level: "warning", message });
  }
}
