/** How an error is provoked and shown. */
import { type CommandOptions, type Outcome, runCommand } from "../../support/cli.ts";
import { withFolder } from "../../support/folder.ts";
import type { MigrationProject } from "../../support/migration-project.ts";
import { describeOutcome, type Hidden } from "../../support/transcript.ts";

export interface Scene {
  /** How it comes about; stands at the top of the transcript. */
  readonly says: string;
  /** Brings it about, and shows it. */
  play(show: Show): Promise<void>;
}

/** Runs a command line as text and as JSON; both are to end in the same error. */
export type Show = (
  args: readonly string[],
  run: (args: readonly string[]) => Promise<Outcome>,
  options?: {
    readonly hide?: Hidden;
    /** Brings it about a second time, where the first run has changed something. */
    again?(): Promise<unknown>;
  },
) => Promise<void>;

export interface Shown {
  readonly text: Outcome;
  readonly json: Outcome;
  /** Both of them, as the transcript has them. */
  readonly transcript: string;
}

/** Plays a scene to its end. */
export async function play({ says, play }: Scene): Promise<Shown> {
  let shown: Shown | undefined;
  await play(async (args, run, { hide = {}, again } = {}) => {
    const text = await run(args);
    await again?.();
    const jsonArgs = [...args, "--json"];
    const json = await run(jsonArgs);
    const parts = [says, describeOutcome(args, text, hide), describeOutcome(jsonArgs, json, hide)];
    shown = { text, json, transcript: `${parts.join("\n\n")}\n` };
  });
  if (shown === undefined) throw new Error("the scene showed nothing");
  return shown;
}

/** A command line in a folder of its own with these files. */
export async function showInFolder(
  show: Show,
  files: Readonly<Record<string, string>>,
  args: readonly string[],
  options: Omit<CommandOptions, "cwd"> = {},
): Promise<void> {
  await using folder = await withFolder(files);
  await show(args, (all) => runCommand(all, { cwd: folder.path, ...options }), {
    hide: { [folder.path]: "/project" },
  });
}

/** A command line on the database of a project. */
export function showOn(
  show: Show,
  project: MigrationProject,
  args: readonly string[],
  options: { readonly hide?: Hidden; readonly url?: string; again?(): Promise<unknown> } = {},
): Promise<void> {
  const { hide, url, ...rest } = options;
  return show(args, (all) => project.run(all, url === undefined ? {} : { url }), {
    ...rest,
    hide: { [project.path]: "/project", ...hide },
  });
}
