/** docs/lint.md: the rules, and the table of facts that they go by. */
import { lintRules } from "../src/lint/rules/list.ts";
import type { Fact, FactName } from "../src/locks/facts.ts";
import { facts } from "../src/locks/facts.ts";

export function lintPage(generated: string): string {
  const lines = [
    "# What `lint` finds",
    "",
    generated,
    "",
    "| rule | severity | what it finds |",
    "| --- | --- | --- |",
    ...lintRules.map(
      ({ name, severity, summary }) =>
        `| [\`${name}\`](#${name}) | ${severity} | ${cell(summary)} |`,
    ),
    "",
    "`-- lint:ignore <rule>[, <rule>]: <reason>` above a statement, or in it, explains its findings away; above",
    "`-- migrate:up`, where the checksum does not reach, and as `-- lint:ignore-file …`, those of the whole file.",
    "",
  ];
  for (const { name, severity, summary, why, safe, squawk } of lintRules) {
    lines.push(
      `## ${name}`,
      "",
      `${severity}: ${summary}.`,
      "",
      why,
      "",
      "```sql",
      safe,
      "```",
      "",
    );
    if (squawk) lines.push(`In squawk: ${squawk.map((rule) => `\`${rule}\``).join(", ")}.`, "");
  }
  lines.push(
    "## Locks, scans and rewrites",
    "",
    "What PostgreSQL 15 to 18 do, held against each of them by test/integration/locks. ACCESS EXCLUSIVE stops reads and",
    "writes, SHARE and SHARE ROW EXCLUSIVE stop writes, SHARE UPDATE EXCLUSIVE other migrations alone.",
    "",
    "| statement | lock | work | the other table |",
    "| --- | --- | --- | --- |",
    ...(Object.keys(facts) as FactName[]).map((name) => row(facts[name])),
    "",
  );
  return lines.join("\n");
}

function row({ form, lock, work, other, since, runsAlone }: Fact): string {
  const notes = [
    ...(since === undefined ? [] : [`since ${since}`]),
    ...(runsAlone ? ["outside a transaction"] : []),
  ];
  const what = notes.length === 0 ? form : `${form} (${notes.join(", ")})`;
  const second = other
    ? `${other.role}: ${other.lock}${other.work === undefined ? "" : `, ${other.work}`}`
    : "";
  return `| ${cell(what)} | ${lock} | ${work === "none" ? "" : work} | ${second} |`;
}

const cell = (text: string) => text.replaceAll("|", "\\|");
