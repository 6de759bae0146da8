/** Repeatable files behind the migrations: whether they run, and whether the rollbacks still do. */
import type { Finding } from "../findings.ts";
import type { InspectedMigration } from "../migrate/inspect.ts";
import { migrate } from "../migrate/migrate.ts";
import type { Open } from "../migrate/migrator.ts";
import { failed } from "./finding.ts";
import type { TestedMigration } from "./judge.ts";
import { placeOf } from "./judge.ts";
import type { Failure, Ways } from "./trial.ts";
import { attempt, undoOne } from "./trial.ts";

export interface RepeatableTrial {
  /** Of one of them. */
  readonly failure?: Failure;
  /** The first migration from the end that cannot be rolled back with them, and could without. */
  readonly stuck?: { readonly migration: InspectedMigration; readonly failure: Failure };
}

/**
 * Applies what is left with the repeatable files, as `migrate` does, and rolls migrations back from
 * the last one on.
 *
 * @param open of a copy of the ground.
 * @param undone the last migrations of the directory, in order.
 * @param tested what is known of them: one that cannot be rolled back is not tried again.
 * @throws PgwrightError for everything but a statement that the server refuses.
 */
export async function tryRepeatables(
  ways: Ways,
  open: Open,
  undone: readonly InspectedMigration[],
  tested: readonly TestedMigration[],
): Promise<RepeatableTrial> {
  const failure = await attempt(async () => {
    await migrate({
      ...ways.migrator,
      open,
      directory: ways.directory,
      read: ways.read,
      outOfOrder: false,
      allowNewer: false,
      dryRun: false,
    });
  });
  if (failure) return { failure };
  for (const migration of undone.toReversed()) {
    const verdict = tested.find(({ file }) => file === migration.file.name)?.verdict;
    if (!migration.sections.down || (verdict && fails.has(verdict))) return {};
    const failure = await attempt(() => undoOne(ways, open));
    if (failure) return { stuck: { migration, failure } };
  }
  return {};
}

const fails: ReadonlySet<string> = new Set(["rollback fails", "cannot be applied"]);

/** The verdicts, once it is known what the repeatable files stop. */
export function withStuck(
  tested: readonly TestedMigration[],
  { stuck }: RepeatableTrial,
): readonly TestedMigration[] {
  return tested.map((one) =>
    one.file === stuck?.migration.file.name ? { ...one, verdict: "rollback fails" } : one,
  );
}

export function judgeRepeatables({ failure, stuck }: RepeatableTrial): Finding[] {
  if (failure) {
    const { message, sqlstate, at, source } = failure;
    return [
      {
        rule: "test/repeatable-fails",
        severity: "error",
        message: `a repeatable file cannot be run behind the migrations: ${message}${sqlstate === undefined ? "" : ` (${sqlstate})`}`,
        ...(at ? { at, source } : {}),
      },
    ];
  }
  if (!stuck) return [];
  const { file, sections } = stuck.migration;
  const what = "cannot be rolled back once the repeatable files have run";
  return [
    {
      ...failed(file, "down-fails", what, stuck.failure, placeOf(file, sections)),
      hint: "in the down section, drop what is in the way and make it again as it was: `migrate` runs a repeatable file again only when the file changes",
    },
  ];
}
