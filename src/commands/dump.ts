import { defineCommand } from "../cli/command.ts";
import type { View } from "../cli/render/view.ts";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { DumpCheck } from "../schema/check.ts";
import type { WriteState } from "../schema/dump-file.ts";

interface DumpResult {
  readonly sql: string;
  /** SHA-256 of `sql`, in hex. */
  readonly fingerprint: string;
  /** What happened to the file, as seen from the working directory. */
  readonly file?: { readonly path: string; readonly state: WriteState };
  readonly check?: Omit<DumpCheck, "findings">;
  readonly findings: readonly Finding[];
}

const usualFile = "schema.sql";

const verbs = { created: "Created", changed: "Updated", written: "Wrote" } as const;

// More is no help to a reader; --json has it all.
const mostLines = 200;

export const dump = defineCommand({
  path: "dump",
  summary: "Print the database's schema as SQL, or check a file that holds it",
  description:
    "The same schema gives the same text, whatever its history, so it can be kept in version " +
    "control. It loads into an empty database and includes the rows of the migration ledger. " +
    "Roles, rows, and what belongs to the database as a whole are not in it.",
  examples: [
    { run: "pgwright dump", says: "to stdout" },
    { run: "pgwright dump --output schema.sql", says: "write or update the file" },
    { run: "pgwright dump --check", says: "exit 1 unless schema.sql is this database's schema" },
    { run: "pgwright dump --json | jq -r .result.fingerprint", says: "one hash for the schema" },
  ],
  configure: (command) =>
    command
      .option("-o, --output <file>", "write to this file; - is stdout")
      .option("--check", `compare the file (${usualFile} by default) and change nothing`, false)
      .option("--no-owner", "leave out who owns what"),
  async run(context, options): Promise<DumpResult> {
    // Opened by its name, a pipe or a file behind stdout would be written from its beginning.
    const output = /^(-|\/dev\/stdout|\/dev\/fd\/1)$/.test(options.output ?? "-")
      ? undefined
      : options.output;
    if (options.check && output !== options.output) {
      throw new PgwrightError(
        "usage",
        `\`--check\` compares a file, and ${options.output} is stdout`,
        {
          hint: "name the file to compare with --output",
        },
      );
    }
    const { directory, settings } = await context.config();
    const { relative, resolve } = await import("node:path");
    const { dumpSchema, fingerprintOf } = await import("../schema/dump.ts");
    const { schema, table } = settings.migrations;
    await using session = await context.connect({ writes: false });
    const { sql, findings } = await dumpSchema(session, {
      ledger: { schema, table },
      omitOwners: !options.owner,
    });
    const base = { sql, fingerprint: fingerprintOf(sql) };
    const path =
      output === undefined
        ? resolve(directory, usualFile)
        : resolve(context.workingDirectory, output);
    const shown = relative(context.workingDirectory, path) || path;
    if (options.check) {
      const { checkDump } = await import("../schema/check.ts");
      const { findings: differences, ...check } = await checkDump(path, shown, sql);
      return { ...base, check, findings: [...findings, ...differences] };
    }
    if (output !== undefined) {
      const { writeDumpFile } = await import("../schema/dump-file.ts");
      const state = await writeDumpFile(path, sql);
      return { ...base, file: { path: state === "written" ? output : shown, state }, findings };
    }
    if (context.globals.format === "json") return { ...base, findings };
    // stdout is the SQL and nothing else, so what was left out is said on stderr.
    for (const { message } of findings) {
      context.events({ type: "notice", level: "warning", message });
    }
    return { ...base, findings: [] };
  },
  findings: (result) => result.findings,
  text(result, view) {
    if (result.check) return checkText(result.check, view);
    if (!result.file) return result.sql;
    const { path, state } = result.file;
    return state === "unchanged"
      ? `${path} is up to date`
      : `${verbs[state]} ${view.style.bold(path)}`;
  },
});

function checkText(check: Omit<DumpCheck, "findings">, view: View): string {
  const { style } = view;
  if (check.isEqual) return style.green(`${check.file} is the schema of this database`);
  if (check.diff.length === 0) return "";
  const lines = [
    style.bold(`--- ${check.file}`),
    style.bold("+++ database"),
    ...check.diff.map((line) => {
      if (line.startsWith("@@")) return style.cyan(line);
      if (line.startsWith(" ")) return style.dim(line);
      return line.startsWith("-") ? style.red(line) : style.green(line);
    }),
  ];
  const rest = lines.length - mostLines;
  const shown = view.isVerbose || rest <= 0 ? lines : lines.slice(0, mostLines);
  if (shown.length < lines.length) {
    shown.push(style.dim(`… and ${view.plural(rest, "line")} more (--verbose shows them)`));
  }
  return [
    ...shown,
    "",
    `${view.plural(check.removed, "line")} only in the file, ${view.plural(check.added, "line")} only in the database`,
  ].join("\n");
}
