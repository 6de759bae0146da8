import { defineCommand } from "../../cli/command.ts";
import type { MatviewCheck } from "../../insight/matviews/check.ts";

export const matviewsCheck = defineCommand({
  path: "matviews check",
  summary: "Exit 1 when a materialized view is older than promised",
  description:
    "The promises stand in policies/matviews.yaml. A view is not behind when nothing that it reads has changed, however long ago it was refreshed. " +
    "Views that are not declared are not looked at. Changes nothing.",
  examples: [
    { run: "pgwright matviews check", says: "for monitoring" },
    { run: "pgwright matviews check --json", says: "with the seconds of each view" },
  ],
  configure: (command) => command,
  async run(context): Promise<MatviewCheck> {
    const { settings } = await context.config();
    const { relative } = await import("node:path");
    const { mustReadDeclaredMatviews } = await import("../../insight/matviews/declared.ts");
    const { checkMatviews } = await import("../../insight/matviews/check.ts");
    const { directory } = settings.policies;
    const declared = await mustReadDeclaredMatviews(
      directory,
      relative(context.workingDirectory, directory),
    );
    await using session = await context.connect({ writes: false });
    return await checkMatviews(session, declared);
  },
  findings: (result) => result.findings,
  text: ({ isFresh, views }, view) =>
    isFresh
      ? view.style.green(`${view.plural(views.length, "materialized view")} as fresh as promised`)
      : "",
});
