/** The queries, each with its plan and its problems, and the indexes they ask for. */
import { formatBytes, formatCount } from "../../../db/amount.ts";
import type { JudgedQuery } from "../../judge.ts";
import { sorts } from "../../sort.ts";
import { html, type Html } from "../../../html/markup.ts";
import { formatNumber, ms, problem, table } from "../pieces.ts";
import type { PageParts } from "../section.ts";
import { highlightSql } from "../sql.ts";

export function candidates({ report }: PageParts): Html | null {
  const found = report.queries.flatMap(({ id, problems }) =>
    problems.flatMap(({ candidate }) => (candidate === undefined ? [] : [{ id, candidate }])),
  );
  if (found.length === 0) return null;
  return html`<section>
    <h2>Indexes that would help</h2>
    ${table(
      ["statement", "query", "reads less", "size", "writes so far"],
      found.map(({ id, candidate }) => [
        html`<code>${candidate.sql}</code>`,
        html`<a href="#${id}"><code>${id.slice(0, 8)}</code></a>`,
        `${formatCount(Math.round(candidate.gain))} ×`,
        formatBytes(candidate.bytes),
        formatCount(candidate.writes),
      ]),
      [2, 3, 4],
    )}
  </section>`;
}

export function queries({ report }: PageParts): Html {
  return html`<section>
    <h2>Queries by ${sorts[report.sort].title}</h2>
    ${report.queries.map(query)}
  </section>`;
}

function query(one: JudgedQuery): Html {
  const stats = [
    `${(one.share * 100).toFixed(1)} % of the load`,
    one.calls === 1 ? "1 call" : `${formatCount(Math.round(one.calls))} calls`,
    one.calls === 1
      ? ms(one.meanMs)
      : `${ms(one.meanMs)} on average (${ms(one.minMs)} to ${ms(one.maxMs)}, ± ${ms(one.stddevMs)})`,
    `${formatNumber(one.rowsPerCall)} ${one.rowsPerCall === 1 ? "row" : "rows"}${one.calls === 1 ? "" : " a call"}`,
    ...(one.hitRatio === null ? [] : [`${(one.hitRatio * 100).toFixed(1)} % in shared buffers`]),
    ...(one.tempWritten > 0 ? [`${formatBytes(one.tempWritten * 8192)} temporary files`] : []),
    ...(one.walBytes > 0 ? [`${formatBytes(one.walBytes)} write-ahead log`] : []),
    ...(one.planMs > 0 ? [`${ms(one.planMs)} planning`] : []),
  ];
  return html`<article id="${one.id}">
    <h3>
      <code>${one.id.slice(0, 8)}</code>
      <span class="dim">${one.role}${one.isTopLevel ? "" : ", inside a function"}</span>
    </h3>
    <p class="stats">${stats.join(" · ")}</p>
    <pre>${highlightSql(one.text)}</pre>
    ${one.problems.map(problem)}
    ${one.tables.length === 0 ? null : html`<p class="stats">Reads ${one.tables.map((read) => `${read.name} (${formatCount(Math.round(read.rows))} rows, ${formatBytes(read.bytes)}${read.partitions > 0 ? `, ${read.partitionsRead} of ${read.partitions} partitions in the plan` : ""}${read.policies.length > 0 ? `, with the policies ${read.policies.join(", ")}` : ""})`).join("; ")}</p>`}
    ${
      one.plan === null
        ? html`<p class="stats">No plan: ${one.noPlan}</p>`
        : html`<details>
            <summary>Generic plan</summary>
            <pre>${one.plan.join("\n")}</pre>
          </details>`
    }
  </article>`;
}
