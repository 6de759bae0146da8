/** The table of facts as each supported server shows it: a matrix of locks and work. */
import postgres from "postgres";
import type { FactName } from "../src/locks/facts.ts";
import { facts, factOf } from "../src/locks/facts.ts";
import { startCluster } from "../test/support/cluster.ts";
import { lockExamples } from "../test/support/lock-examples.ts";
import type { Measured } from "../test/support/lock-measure.ts";
import { expectedOf, isKnown, measureFact } from "../test/support/lock-measure.ts";

const versions = ["15", "16", "17", "18"];

/** One line for each fact: what the table says, and under each version a tick or what it did instead. */
export async function lockMatrix(): Promise<string> {
  const columns = new Map<string, Map<FactName, Measured>>();
  for (const version of versions) {
    await using cluster = await startCluster({ version });
    const sql = postgres(cluster.url, { max: 5, onnotice: () => {} });
    const measured = new Map<FactName, Measured>();
    for (const name of Object.keys(facts) as FactName[]) {
      if (isKnown(name, Number(version))) measured.set(name, await measureFact(sql, name));
    }
    await sql.end({ timeout: 1 });
    columns.set(version, measured);
  }
  let differing = 0;
  const lines = (Object.keys(facts) as FactName[]).map((name) => {
    const expected = expectedOf(name);
    const cells = versions.map((version) => {
      const found = columns.get(version)?.get(name);
      if (!found) return "–".padEnd(4);
      const isAsTold = JSON.stringify(found) === JSON.stringify(expected);
      if (!isAsTold) differing += 1;
      return (isAsTold ? "✓" : `NO: ${describe(found)}`).padEnd(4);
    });
    return `${factOf(name).form.padEnd(66)}${describe(expected).padEnd(62)}${cells.join("")}`;
  });
  const head = `${"statement".padEnd(66)}${"lock, work; on the other table".padEnd(62)}${versions.map((version) => version.padEnd(4)).join("")}`;
  return [
    `locks, scans and rewrites of ${lines.length} kinds of statement, measured on ${versions.join(", ")} (${Object.keys(lockExamples).length} examples; – is not known there)`,
    head,
    ...lines,
    `${differing} of ${[...columns.values()].reduce((sum, { size }) => sum + size, 0)} measurements differ from the table`,
  ].join("\n");
}

function describe({ lock, work, other }: Measured): string {
  const first = `${lock ?? "none"}${work === "none" ? "" : `, ${work}`}`;
  if (!other) return first;
  return `${first}; ${other.lock ?? "none"}${other.work === "none" ? "" : `, ${other.work}`}`;
}
