import { defineCommand } from "../../cli/command.ts";
import type { View } from "../../cli/render/view.ts";
import type { Verification } from "../../anonymize/verify/verify.ts";

export const anonymizeVerify = defineCommand({
  path: "anonymize verify",
  summary: "Prove that no original of a masked column is in the database",
  description:
    "Holds a masked copy against its source. Every original that the rules take away is hashed there with a seed that is used once, " +
    "and every value, JSON leaf, list element and word of the copy, its catalog and statistics included, is held against those. " +
    "Rows are counted, foreign keys and sequences checked. Both databases are only read. Exit 1 if anything survived.",
  examples: [
    {
      run: "pgwright anonymize verify --url postgres://host/analytics --source postgres://host/app",
      says: "a copy against what it was made from",
    },
    {
      run: "pgwright anonymize verify --source postgres://host/app --key-file anon.key",
      says: "with the key, values that a mask drew by chance are told apart",
    },
  ],
  configure: (command) =>
    command
      .requiredOption("--source <url>", "the database that the copy was made from")
      .option("--key-file <file>", "the key of the copy (else PGWRIGHT_ANON_KEY)")
      .option("--report <file>", "write what was done and proven to a file: .html or .json"),
  async run(context, options): Promise<Verification> {
    const config = await context.config();
    const { schema, table } = config.settings.migrations;
    const { readRules } = await import("../../anonymize/rules/read.ts");
    const { readKey } = await import("../../anonymize/key.ts");
    const { verifyAgainst } = await import("../../anonymize/verify/against.ts");
    const { checkReportName, writeReport } = await import("../../anonymize/verify/report.ts");
    if (options.report !== undefined) checkReportName(options.report);
    const rules = await readRules(config.settings.policies.directory, context.workingDirectory);
    const variable = config.variables["PGWRIGHT_ANON_KEY"];
    const hasKey = options.keyFile !== undefined || variable !== undefined;
    // What is masked does not depend on the key; only what a mask drew does.
    const key = await readKey({ variable, file: options.keyFile, isEphemeral: !hasKey });
    const target = await context.opener();
    const source = await context.opener(options.source, "against");
    const verification = await verifyAgainst({
      openSource: source.open,
      openTarget: target.open,
      rules,
      key,
      hasKey,
      ledger: { schema, table },
      signal: context.signal,
      events: context.events,
    });
    if (options.report !== undefined) {
      const { resolve } = await import("node:path");
      await writeReport(resolve(context.workingDirectory, options.report), verification);
    }
    return verification;
  },
  text: describe,
  findings: (result) => result.findings,
});

function describe(result: Verification, view: View): string {
  const { survival, integrity, isClean, seconds, scanned, personal, anonymity } = result;
  const { style } = view;
  const left = personal.filter(({ is }) => is === "left").length;
  const sought = survival.columns.reduce((sum, column) => sum + column.sought, 0);
  const untold = survival.columns.reduce((sum, column) => sum + column.untold, 0);
  const lines = [
    view.fields([
      [
        "originals",
        `${view.count(sought)} values of ${view.plural(survival.columns.length, "masked column")}; ${view.count(untold)} more tell too little to be looked for`,
      ],
      ["compared", `${view.count(survival.compared)} values and words of the copy`],
      ["explained", explained(survival.allowed, view)],
      [
        "searched",
        `${view.count(survival.searched.samples)} originals drawn at random, in ${view.bytes(survival.searched.bytes)} of text`,
      ],
      [
        "scanned",
        `${view.plural(scanned.columns, "column")}; ${view.count(personal.length)} look personal, ${view.count(left)} of them without a rule`,
      ],
      ...anonymity.map(({ table, k, below, rows, wanted }): [string, string] => [
        "alike",
        `${table}: k = ${view.count(k)}; ${view.count(below)} of ${view.count(rows)} rows in classes below ${wanted}`,
      ]),
      ["rows", `${view.count(integrity.rows)} in ${view.plural(integrity.tables, "table")}`],
      [
        "references",
        `${view.plural(integrity.foreignKeys, "foreign key")}, ${view.plural(integrity.sequences, "sequence")}`,
      ],
    ]),
    "",
    isClean
      ? style.green(`no original was found (${view.duration(seconds * 1000)})`)
      : style.red("the copy is not clean"),
  ];
  return lines.join("\n");
}

const reasons = {
  word: "words that the masks pick from",
  schema: "words of the schema",
  drawn: "drawn by the mask for another row",
  kept: "shared by many rows and kept with a reason",
  weak: "left by a weak mask in its own column",
} as const;

function explained(allowed: Verification["survival"]["allowed"], view: View): string {
  if (allowed.length === 0) return "nothing had to be";
  return Object.entries(reasons)
    .flatMap(([reason, says]) => {
      const values = allowed
        .filter((one) => one.reason === reason)
        .reduce((sum, one) => sum + one.values, 0);
      return values === 0 ? [] : [`${view.count(values)} ${says}`];
    })
    .join("; ");
}
