import { defineCommand } from "../../cli/command.ts";
import { dryRun } from "../../cli/options.ts";
import { PgwrightError } from "../../errors.ts";

export const policiesTest = defineCommand({
  path: "policies test",
  summary: "Try what each role may do with which rows, and tell every change",
  description:
    "Every role that holds rights tries SELECT, INSERT, UPDATE and DELETE on the rows that policies/test.sql makes, " +
    "as each of its users, without identity and with a cleared one. " +
    "Exits 1 where the answers are not those of policies/access.yaml. " +
    "All of it happens in one transaction that is rolled back; still triggers fire, sequences advance and locks are taken, " +
    "so run it on a copy or an empty database. A protected one is refused.",
  examples: [
    { run: "pgwright policies test", says: "exit 1 if anybody may do more or less than is kept" },
    { run: "pgwright policies test --write", says: "keep what is measured now" },
    { run: "pgwright policies test --write --dry-run", says: "print it instead" },
  ],
  configure: (command) =>
    command
      .option("--write", "write policies/access.yaml", false)
      .addOption(dryRun("the file that --write would write")),
  async run(context, { write, dryRun }) {
    if (dryRun && !write) {
      throw new PgwrightError(
        "usage",
        "`--dry-run` belongs to `--write`: nothing else is changed",
        {
          hint: "pgwright policies test --write --dry-run",
        },
      );
    }
    const { testAccess } = await import("../../policies/matrix/test.ts");
    const { settings } = await context.config();
    const { isProtected, environmentName } = await context.place();
    const { schema, table, role } = settings.migrations;
    await using session = await context.connect({ writes: true, direct: true });
    return await testAccess(session, {
      directory: settings.policies.directory,
      workingDirectory: context.workingDirectory,
      ledger: { schema, table },
      ownerRole: role,
      lockTimeoutMs: settings.lock_timeout,
      statementTimeoutMs: settings.statement_timeout,
      protectedBy: isProtected ? environmentName : undefined,
      writes: write,
      dryRun,
      events: context.events,
    });
  },
  findings: (result) => result.findings,
  text({ file, text, roles, relations, probes }, view, { dryRun }) {
    if (dryRun) return text ?? "";
    if (probes === 0) return "";
    const { style } = view;
    const tried = style.dim(
      `${view.plural(roles.length, "role")}, ${view.plural(relations, "relation")}, ${view.plural(probes, "probe")}`,
    );
    const verdict = {
      equal: style.green(`Rights are as ${file.path} says`),
      differs: style.red(`Rights are not as ${file.path} says`),
      missing: `There is no ${file.path} to compare with`,
      created: `Wrote ${style.bold(file.path)}`,
      changed: `Updated ${style.bold(file.path)}`,
      unchanged: `${file.path} is up to date`,
      unknown: "",
    }[file.state];
    return `${verdict}\n${tried}`;
  },
});
