import { defineCommand } from "../../cli/command.ts";
import { dryRun, parseCount } from "../../cli/options.ts";
import type { View } from "../../cli/render/view.ts";
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { CopyResult } from "../../anonymize/copy/result.ts";
import type { Source } from "../../anonymize/copy/source.ts";
import type { InPlaceResult } from "../../anonymize/in-place/in-place.ts";

export const anonymizeRun = defineCommand({
  path: "anonymize run",
  summary: "Copy the database with its personal data masked",
  description:
    "Every value is masked inside the source, by the SELECT that reads it, so no original reaches the target. " +
    "The source is only read, in one snapshot; a standby will do. " +
    "The target is an empty database (--target, PGWRIGHT_TARGET_URL). Until the last statement it carries a mark that says it is incomplete. " +
    "A run that was broken off goes on where nothing has been written to the source's server since; else it starts again and says so.",
  examples: [
    { run: "pgwright anonymize run --target postgres://host/analytics", says: "a masked copy" },
    { run: "pgwright anonymize run --dry-run --target …", says: "print the SQL, write nothing" },
    {
      run: "pgwright anonymize run --output copy && (cd copy && psql -f restore.sql analytics)",
      says: "through files",
    },
    {
      run: `pgwright anonymize run --subset "shop.users: true" --subset-size 1000`,
      says: "a thousand users and all that belongs to them, to PGWRIGHT_TARGET_URL",
    },
    {
      run: "pgwright anonymize run --target … --replace analytics",
      says: "in place of the last copy",
    },
    {
      run: "pgwright anonymize run --in-place --confirm restored --url postgres://host/restored",
      says: "a restored copy, where it stands",
    },
    {
      run: "pgwright anonymize run --target … --no-owner --no-grants",
      says: "where the target's server lacks the roles",
    },
  ],
  configure: (command) =>
    command
      .option("--target <url>", "an empty database to copy into")
      .option("--output <dir>", "a new directory, from which psql restores the copy")
      .option("--in-place", "mask this database itself, a restored copy; needs --confirm", false)
      .option("--key-file <file>", "the key: 64 hex digits (else PGWRIGHT_ANON_KEY)")
      .option("--ephemeral-key", "a key for this run only: nobody can repeat the masks", false)
      .option("--replace <database>", "drop the earlier copy in the target of this name")
      .option(
        "--subset <root...>",
        'only these rows and what belongs to them: "schema.table: condition"',
      )
      .option("--subset-size <n>", "at most so many rows of each root", parseCount)
      .option("--no-owner", "leave out who owns what")
      .option("--no-grants", "leave out who may do what")
      .option("--report <file>", "write what was done and proven to a file: .html or .json")
      .option("--no-verify", "leave the proof to `anonymize verify`")
      .option(
        "--jobs <n>",
        "sessions that read at once (default: processors, at most 4)",
        parseCount,
      )
      .addOption(dryRun()),
  async run(context, options): Promise<CopyResult | InPlaceResult> {
    const config = await context.config();
    const { chooseCopyTarget } = await import("../../config/copy-target.ts");
    if (options.output !== undefined && options.target !== undefined) {
      throw new PgwrightError("usage", "`--target` and `--output` exclude each other", {
        hint: "a copy goes into a database or into a directory",
      });
    }
    if (options.output !== undefined && options.report !== undefined) {
      throw new PgwrightError(
        "usage",
        "`--report` is about a database, and `--output` makes files",
        {
          hint: "restore them, then: pgwright anonymize verify --source … --report …",
        },
      );
    }
    if (options.inPlace && (options.output ?? options.target ?? options.subset) !== undefined) {
      throw new PgwrightError("usage", "`--in-place` makes no copy, whole or in part", {
        hint: "leave --target, --output and --subset out, or --in-place",
      });
    }
    const isCopy = !options.inPlace && options.output === undefined;
    const url = isCopy ? chooseCopyTarget(config, options.target) : undefined;
    const { schema, table } = config.settings.migrations;
    const { readRules } = await import("../../anonymize/rules/read.ts");
    const { readKey } = await import("../../anonymize/key.ts");
    const { planMasking } = await import("../../anonymize/plan.ts");
    const rules = await readRules(config.settings.policies.directory, context.workingDirectory);
    const key = await readKey({
      variable: config.variables["PGWRIGHT_ANON_KEY"],
      file: options.keyFile,
      isEphemeral: options.ephemeralKey,
    });
    const source = await context.opener();
    if (options.inPlace) {
      const { maskInPlace } = await import("../../anonymize/in-place/in-place.ts");
      const { isProtected, environmentName } = await context.place();
      return maskInPlace({
        open: source.open,
        protectedBy: isProtected ? (environmentName ?? "default") : undefined,
        confirmed: context.globals.confirm,
        planMasking: (session) => planMasking(session, { rules, key, ledger: { schema, table } }),
        dryRun: options.dryRun,
        signal: context.signal,
        events: context.events,
      });
    }
    const { copyDatabase, usualJobs } = await import("../../anonymize/copy/copy.ts");
    const { parseRoot } = await import("../../anonymize/subset/root.ts");
    const { subset: roots } = options;
    if (roots === undefined && options.subsetSize !== undefined) {
      throw new PgwrightError("usage", "`--subset-size` has no `--subset` to limit", {
        hint: 'name the rows to begin with: `--subset "shop.users: true"`',
      });
    }
    const request = {
      openSource: source.open,
      planMasking: (session: Session) =>
        planMasking(session, { rules, key, ledger: { schema, table } }),
      ledger: { schema, table },
      subset: roots && { roots: roots.map(parseRoot), size: options.subsetSize },
      omitOwners: !options.owner,
      omitGrants: !options.grants,
      jobs: options.jobs ?? usualJobs(),
      dryRun: options.dryRun,
      signal: context.signal,
      events: context.events,
    };
    if (options.output !== undefined) {
      const { resolve } = await import("node:path");
      const { copyToFiles } = await import("../../anonymize/copy/to-files.ts");
      const output = resolve(context.workingDirectory, options.output);
      return copyToFiles({ ...request, output, shownOutput: options.output });
    }
    const target = await context.opener(url);
    const { proveRun } = await import("../../anonymize/verify/against.ts");
    const { checkReportName, writeReport } = await import("../../anonymize/verify/report.ts");
    if (options.report !== undefined) checkReportName(options.report);
    const result = await copyDatabase({
      ...request,
      ...(options.verify && {
        prove: (copied: Source) => proveRun(copied, { ...request, rules, openTarget: target.open }),
      }),
      openTarget: target.open,
      targetDatabase: target.database,
      replace: options.replace,
    });
    if (options.report !== undefined && result.proof !== undefined) {
      const { resolve } = await import("node:path");
      await writeReport(resolve(context.workingDirectory, options.report), result.proof);
    }
    return result;
  },
  text: describe,
  findings: (result) => result.findings,
});

function describe(result: CopyResult | InPlaceResult, view: View): string {
  if (result.isDryRun) return result.sql.join("\n");
  if ("onlyFreshFiles" in result) return describeInPlace(result, view);
  const { style } = view;
  const tables = result.tables.filter(({ rows }) => rows > 0);
  return [
    view.table({
      columns: [
        { title: "table" },
        { title: "rows", align: "right" },
        { title: "size", align: "right" },
        { title: "seconds", align: "right" },
        { title: "masked" },
      ],
      rows: tables.map(({ table, rows, bytes, seconds, masked }) => [
        table,
        view.count(rows),
        view.bytes(bytes),
        seconds.toFixed(1),
        masked.join(", "),
      ]),
    }),
    "",
    ...texts(result, view),
    ...(result.proof?.isClean ? [proven(result.proof, result.proofSeconds ?? 0, view)] : []),
    style.green(
      `copied ${view.plural(result.rows, "row")} of ${view.plural(tables.length, "table")} to ${result.target} in ${view.duration(result.seconds * 1000)}`,
    ),
  ].join("\n");
}

function describeInPlace(result: InPlaceResult, view: View): string {
  return [
    view.style.green(
      `masked ${view.plural(result.tables.length, "table")} of ${result.database} in ${view.duration(result.seconds * 1000)}; statistics, views and old files are scrubbed`,
    ),
    "",
    "What only a fresh copy of the files can clear:",
    view.list(result.onlyFreshFiles),
    "",
    view.next(`pgwright anonymize verify --url … --source <what it was restored from>`),
  ].join("\n");
}

function proven(
  { survival }: NonNullable<CopyResult["proof"]>,
  seconds: number,
  view: View,
): string {
  const sought = survival.columns.reduce((sum, column) => sum + column.sought, 0);
  return view.style.green(
    `verified: none of ${view.count(sought)} originals is among ${view.count(survival.compared)} values and words of the copy, in ${view.duration(seconds * 1000)}`,
  );
}

const many: Readonly<Record<CopyResult["texts"][number]["kind"], string>> = {
  comment: "comments",
  default: "defaults",
  check: "checks",
  exclusion: "exclusions",
  index: "indexes",
  "partition key": "partition keys",
  "partition bound": "partition bounds",
  policy: "policies",
  trigger: "triggers",
  rule: "rules",
  view: "views",
  function: "functions",
  enum: "enum types",
  publication: "publications",
  "statistics object": "statistics objects",
  dictionary: "dictionaries",
};

/** What was copied without a mask because it is no row. */
function texts({ texts }: CopyResult, view: View): string[] {
  if (texts.length === 0) return [];
  const kinds = Object.entries(many).flatMap(([kind, name]) => {
    const found = texts.filter((text) => text.kind === kind);
    return found.length === 0 ? [] : [view.plural(found.length, kind, name)];
  });
  return [
    view.prose(
      `Texts of the schema are copied as they are, and may hold what somebody wrote there: ${kinds.join(", ")} (--json names them).`,
    ),
    "",
  ];
}
