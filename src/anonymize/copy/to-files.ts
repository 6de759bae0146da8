/** Writes a masked copy to a directory. */
import { PgwrightError } from "../../errors.ts";
import type { ReadRequest } from "./request.ts";
import { type CopyResult, estimates, resultOf, secondsSince } from "./result.ts";
import { finishOutput, openOutput, removeDraft } from "./output.ts";
import { Pace } from "./pace.ts";
import { restoreScript } from "./restore-script.ts";
import { openSource } from "./source.ts";
import { transfer } from "./transfer.ts";
import { planWork } from "./work.ts";

export interface FilesRequest extends ReadRequest {
  /** The directory, absolute. */
  readonly output: string;
  /** As it is named to the user. */
  readonly shownOutput: string;
}

/**
 * Writes compressed rows and a script that psql restores them with. Until everything is there, the
 * directory has another name, which says "incomplete"; what fails removes it.
 *
 * @throws PgwrightError `file-exists`, `file-unwritable`, `copy-refused`, `copy-failed`.
 */
export async function copyToFiles(request: FilesRequest): Promise<CopyResult> {
  const startedAt = performance.now();
  const { output: path, dryRun } = request;
  await using source = await openSource({ ...request, open: request.openSource });
  const { units, findings } = await planWork(source, { ...request, merges: false });
  const pace = new Pace(source.tables, units, request.events);
  const broken = source.tables.filter(({ id, masking }) =>
    [id, ...masking.columns.map(({ name }) => name)].some((name) => /[\r\n]/.test(name)),
  );
  if (broken.length > 0) {
    throw new PgwrightError("copy-refused", "psql cannot restore rows of names with a line break", {
      notes: broken.map(({ id }) => id),
      hint: "nothing was written; `--target` copies them",
    });
  }
  const rest = { target: request.shownOutput, beginning: "fresh", findings } as const;
  if (dryRun) {
    const files = units.map((unit) => ({ unit, path: `data/${unit.id}.copy.gz`, rows: unit.rows }));
    const sql = [await restoreScript(source, files, request)];
    const seconds = secondsSince(startedAt);
    return resultOf(source, { ...rest, seconds, tables: estimates(source), sql, isDryRun: true });
  }
  const output = await openOutput(path, units);
  try {
    await transfer({ ...request, source, units, pace, openCarrier: async () => output.carrier() });
    await finishOutput(path, output, source, units, pace.report(), request);
  } catch (error) {
    await removeDraft(output);
    throw error;
  }
  const seconds = secondsSince(startedAt);
  return resultOf(source, { ...rest, seconds, tables: pace.report(), sql: [], isDryRun: false });
}
