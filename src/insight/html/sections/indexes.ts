/** Indexes: what is wrong with them, and the largest with how often they are read. */
import { formatBytes, formatCount } from "../../../db/amount.ts";
import { html, type Html } from "../../../html/markup.ts";
import { name, problem, table, when } from "../pieces.ts";
import type { PageParts } from "../section.ts";

// `pgwright indexes list` has all of them.
const [mostShown, mostProblems] = [15, 30];

export function indexes({ indexes: report }: PageParts): Html | null {
  if ("trouble" in report) {
    return html`<section>
      <h2>Indexes</h2>
      <p class="dim">Not looked at: ${report.trouble}.</p>
    </section>`;
  }
  const { indexes: all, statistics, findings } = report;
  if (all.length === 0) return null;
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  const largest = all.toSorted((a, b) => b.bytes - a.bytes).slice(0, mostShown);
  return html`<section>
    <h2>Indexes</h2>
    <p>
      ${formatCount(all.length)} indexes,
      ${formatBytes(bytes)}${statistics.since === null ? "" : `; their reads are counted since ${when(statistics.since)}`}.
      ${statistics.canTellUnused ? null : "That is too short to call one unused."}
    </p>
    ${findings.slice(0, mostProblems).map(problem)}
    ${findings.length > mostProblems ? html`<p class="dim">${findings.length - mostProblems} more: <code>pgwright indexes list</code></p>` : null}
    <figure>
      <figcaption>The largest</figcaption>
      ${table(
        ["index", "size", "reads", "last read", "columns"],
        largest.map((one) => [
          html`${name(one.name)} <span class="dim">on ${name(one.table)}</span>`,
          formatBytes(one.bytes),
          formatCount(one.scans),
          one.lastScan === null ? "" : when(one.lastScan),
          html`<code>${one.definition.replace(/^btree /, "")}</code>`,
        ]),
        [1, 2],
      )}
    </figure>
  </section>`;
}
