import { defineCommand } from "../cli/command.ts";
import { failOn } from "../cli/options.ts";
import type { View } from "../cli/render/view.ts";
import type { CheckState, DoctorReport } from "../doctor/doctor.ts";
import type { Severity } from "../findings.ts";
import { reaches } from "../findings.ts";

export const doctor = defineCommand({
  path: "doctor",
  summary: "Look the database over: what is wrong, what will go wrong, what to do",
  description:
    "Reads only, in short read-only transactions, so it is safe on a busy production server and on a standby. What the connected role may not see is reported, never passed over.",
  examples: [
    { run: "pgwright doctor", says: "the whole report" },
    { run: "pgwright doctor --fail-on warning", says: "exit 1 unless nothing worse than a note" },
    { run: "pgwright doctor --json | jq .findings", says: "for programs" },
  ],
  configure: (command) => command.addOption(failOn()),
  async run(context) {
    const { settings } = await context.config();
    const { runDoctor } = await import("../doctor/doctor.ts");
    await using session = await context.connect({ writes: false });
    return await runDoctor(session, {
      migrationsRole: settings.migrations.role,
      ledgerSchema: settings.migrations.schema,
      events: context.events,
    });
  },
  findings: (report) => report.findings,
  exit: ({ findings }, options) =>
    options.failOn !== undefined && reaches(findings, options.failOn) ? 1 : 0,
  text: (report, view, { failOn }) =>
    [
      describeServer(report, view),
      listChecks(report, view),
      summarize(report, view, failOn === undefined),
    ]
      .filter((part) => part !== "")
      .join("\n\n"),
});

function describeServer(report: DoctorReport, view: View): string {
  const { facts, engine } = report;
  const server = engine.kind === "foreign" ? engine.name : `PostgreSQL ${report.version}`;
  const run = engine.name === "PostgreSQL" || engine.kind === "foreign" ? "" : ` (${engine.name})`;
  if (facts === null) return view.fields([["server", server]]);
  const { role, connection } = facts;
  const days = Math.floor(facts.uptimeSeconds / 86_400);
  const up = days > 1 ? view.plural(days, "day") : view.duration(facts.uptimeSeconds * 1000);
  const rights = [
    role.isSuperuser ? "superuser" : "no superuser",
    ...(role.canCreateRoles && !role.isSuperuser ? ["creates roles"] : []),
    ...(role.canCreateDatabases && !role.isSuperuser ? ["creates databases"] : []),
    ...(role.bypassesRls && !role.isSuperuser ? ["bypasses row security"] : []),
    ...(role.readsStatistics ? [] : ["does not see other sessions"]),
  ];
  const tls =
    connection.tlsVersion === null || report.isPooled
      ? ""
      : ` (${connection.tlsVersion}, ${connection.tlsCipher})`;
  const path = [
    connection.isEncrypted ? `encrypted${tls}` : "not encrypted",
    report.isPooled ? "through a transaction pooler" : "direct",
  ];
  return view.fields([
    ["server", `${server}${run}, ${report.isStandby ? "standby" : "primary"}, up ${up}`],
    ["role", `${report.role}: ${rights.join(", ")}`],
    ["connection", path.join(", ")],
  ]);
}

/** The checks in columns, each with its sign. */
function listChecks({ checks }: DoctorReport, view: View): string {
  const longest = Math.max(0, ...checks.map(({ title }) => title.length));
  const columns = Math.max(1, Math.floor((view.width + 2) / (longest + 4)));
  const height = Math.ceil(checks.length / columns);
  return Array.from({ length: height }, (_, row) =>
    checks
      .filter((_check, i) => i % height === row)
      .map(({ title, state }) => `${sign(state, view)} ${title.padEnd(longest + 2)}`)
      .join("")
      .trimEnd(),
  ).join("\n");
}

function sign(state: CheckState, { style }: View): string {
  switch (state) {
    case "passed":
      return style.green("✓");
    case "warning":
      return style.yellow("!");
    case "error":
      return style.red("✗");
    case "unseen":
      return style.yellow("?");
  }
}

function summarize({ checks, findings }: DoctorReport, view: View, isReport: boolean): string {
  const count = (severity: Severity) =>
    findings.filter((finding) => finding.severity === severity).length;
  const parts = [
    [count("error"), "error"],
    [count("warning"), "warning"],
    [count("info"), "note"],
  ] as const;
  const found = parts
    .filter(([number]) => number > 0)
    .map(([number, noun]) => view.plural(number, noun));
  const unseen = checks.filter(({ state }) => state === "unseen").length;
  const looked = `${view.plural(checks.length, "check")}${unseen === 0 ? "" : `, ${unseen} of them without full sight (?)`}`;
  // An error found and exit 0 at once would surprise whoever builds a pipeline on it.
  const exit =
    isReport && count("error") > 0
      ? ` ${view.style.dim("(exit 0; --fail-on error makes it 1)")}`
      : "";
  return `${looked}: ${found.length === 0 ? view.style.green("nothing found") : found.join(", ")}${exit}`;
}
