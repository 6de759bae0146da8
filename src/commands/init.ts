import { defineCommand } from "../cli/command.ts";
import { dryRun } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import type { InitPlan, InitStep } from "../init/plan.ts";

interface InitResult extends InitPlan {
  readonly isDryRun: boolean;
  /** What was typed for the folder; absent for the working directory. */
  readonly typedDirectory?: string;
  /** What will surprise: a DATABASE_URL that comes before pgwright.yaml, mistakes in `.env`. */
  readonly notes: readonly string[];
}

export const init = defineCommand({
  path: "init",
  summary: "Begin a project: pgwright.yaml and folders for what belongs to it",
  description:
    "Works in an empty folder and in an existing project. It overwrites nothing: folders that are " +
    "there stay as they are, and a pgwright.yaml that is there ends it before anything is written.",
  examples: [
    { run: "pgwright init", says: "make this folder a project" },
    { run: "pgwright init shop-database", says: "make a new folder" },
    { run: "pgwright init --dry-run", says: "show what would be written" },
  ],
  configure: (command) =>
    command
      .argument("[folder]", "folder of the project")
      .addOption(dryRun("the files that would be written")),
  async run(context, options, folder): Promise<InitResult> {
    const path = await import("node:path");
    const { planInit } = await import("../init/plan.ts");
    const { listSurprises } = await import("../config/new-project.ts");
    const plan = await planInit(path.resolve(context.workingDirectory, folder ?? "."));
    const notes = await listSurprises(plan.directory, context.environment);
    if (!options.dryRun) await (await import("../init/apply.ts")).applyInit(plan);
    return {
      ...plan,
      isDryRun: options.dryRun,
      // Whoever types `.` is there already.
      ...(folder === undefined || plan.directory === path.resolve(context.workingDirectory)
        ? {}
        : { typedDirectory: folder }),
      notes,
    };
  },
  text(result, view) {
    const notes = result.notes.map((note) => `${view.style.yellow("note:")} ${note}`);
    return [
      result.steps.map((step) => stepLine(step, result.isDryRun, view)).join("\n"),
      ...(notes.length === 0 ? [] : [notes.join("\n")]),
      result.isDryRun ? newFile(result, view) : nextSteps(result, view),
    ].join("\n\n");
  },
});

const verbs = {
  create: ["created", "would create"],
  append: ["changed", "would change"],
  keep: ["kept", "would keep"],
} as const;

function stepLine({ action, path, content }: InitStep, isDryRun: boolean, view: View): string {
  const verb = verbs[action][isDryRun ? 1 : 0].padEnd(isDryRun ? 12 : 7);
  const style = action === "keep" ? view.style.dim : view.style.green;
  const added = action === "append" ? ` (${content.trim().split(/\s+/).join(", ")})` : "";
  return `${style(verb)}  ${path.replace(/\.gitkeep$/, "")}${added}`;
}

function newFile(result: InitResult, view: View): string {
  const content = result.steps.find(({ path }) => path === "pgwright.yaml")?.content ?? "";
  return `${view.style.bold("pgwright.yaml")}\n${content.trimEnd()}`;
}

function nextSteps({ typedDirectory, hasMigrations }: InitResult, view: View): string {
  return view.next(
    ...(typedDirectory === undefined ? [] : [`cd ${view.shellWord(typedDirectory)}`]),
    ...(hasMigrations ? ["pgwright validate"] : ["pgwright new create_users"]),
    "pgwright migrate",
  );
}
