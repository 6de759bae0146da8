/** The head of the page: the server, its figures, and what is wrong with the source. */
import { formatBytes, formatCount } from "../../../db/amount.ts";
import { tell } from "../../report.ts";
import { html, type Html } from "../../../html/markup.ts";
import { ms, problem, when } from "../pieces.ts";
import type { PageParts } from "../section.ts";

export function header({ report, server }: PageParts): Html {
  const { totals, since, extensionVersion } = report.statistics;
  const asked = totals.sharedHit + totals.sharedRead;
  // Those of queries stand with their queries.
  const ofQueries = new Set(tell(report.queries).map(({ message }) => message));
  const ofSource = report.findings.filter(({ message }) => !ofQueries.has(message));
  const figures: [string, string][] = [
    [ms(totals.totalMs), "execution time"],
    [formatCount(Math.round(totals.calls)), "calls"],
    [formatCount(totals.entries), "statements"],
    [
      asked === 0 ? "–" : `${((totals.sharedHit / asked) * 100).toFixed(1)} %`,
      "found in shared buffers",
    ],
    [formatBytes(totals.walBytes), "write-ahead log"],
    // Counted only with pg_stat_statements.track_planning.
    ...(totals.planMs > 0 ? [[ms(totals.planMs), "planning time"] as [string, string]] : []),
  ];
  return html`<header>
    <h1>Slow queries of ${server.place}</h1>
    <p class="dim">
      PostgreSQL ${server.version}, pg_stat_statements ${extensionVersion}, as
      ${server.role}${since === null ? "" : `, counted since ${when(since)}`}
    </p>
    <div class="figures">
      ${figures.map(([value, name]) => html`<div><b>${value}</b><span>${name}</span></div>`)}
    </div>
    ${ofSource.map(problem)}
  </header>`;
}
