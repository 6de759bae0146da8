/** The whole page, section by section. */
import { formatAge, formatBytes, formatCount } from "../../db/amount.ts";
import { loadParser } from "../../db/script.ts";
import type { JudgedQuery } from "../judge.ts";
import type { QueryReport } from "../report.ts";
import { sorts } from "../sort.ts";
import type { SinceReport } from "../since.ts";
import { oneLine } from "../text.ts";
import { drawBars } from "./bars.ts";
import { html, Html } from "./markup.ts";
import type { ServerPart } from "./server.ts";
import { highlightSql } from "./sql.ts";
import { formatNumber, ms, problem, table, when } from "./pieces.ts";
import { style } from "./style.ts";
import { drawTimeline, type Point } from "./timeline.ts";

export interface PageParts {
  readonly report: QueryReport;
  readonly since: SinceReport | null;
  readonly server: ServerPart;
  readonly timeline: readonly Point[];
}

/** The explicit list of sections; one that has nothing to say gives null. */
const sections: readonly ((parts: PageParts) => Html | null)[] = [
  header,
  load,
  overTime,
  changes,
  candidates,
  queries,
  sessions,
  inputOutput,
  deadRows,
];

/** A complete document, which loads nothing and runs nothing. */
export async function renderPage(parts: PageParts): Promise<string> {
  await loadParser();
  const body = sections.flatMap((section) => section(parts) ?? []);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>Slow queries of ${parts.server.place}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}

function header({ report, server }: PageParts): Html {
  const { totals, since, extensionVersion } = report.statistics;
  const asked = totals.sharedHit + totals.sharedRead;
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
    ${report.findings.filter(({ message }) => !message.startsWith("query ")).map((finding) => problem(finding))}
  </header>`;
}

function load({ report }: PageParts): Html | null {
  if (report.queries.length === 0) return html`<p>No recorded statement matches.</p>`;
  const roles = new Map<string, number>();
  for (const { role, share } of report.queries) roles.set(role, (roles.get(role) ?? 0) + share);
  const { value, title } = sorts[report.sort];
  const top = report.queries.slice(0, 15).filter(({ share }) => share >= 0.0005);
  const io = report.queries
    .filter(({ sharedRead, tempWritten }) => sharedRead + tempWritten > 0)
    .toSorted((a, b) => b.sharedRead + b.tempWritten - a.sharedRead - a.tempWritten);
  return html`<section>
    <h2>Load</h2>
    ${drawBars(
      "Share of the execution time",
      top.map((query) => ({
        label: oneLine(query.text, 60),
        value: query.share,
        shown: `${(query.share * 100).toFixed(1)} %`,
        link: query.id,
      })),
    )}
    ${
      report.sort === "total"
        ? null
        : drawBars(
            `By ${title}`,
            top.map((query) => ({
              label: oneLine(query.text, 60),
              value: value(query),
              shown: formatNumber(value(query)),
              link: query.id,
            })),
          )
    }
    ${
      io.length === 0
        ? null
        : drawBars(
            "Read from outside shared buffers, and temporary files",
            io.slice(0, 10).map((query) => ({
              label: oneLine(query.text, 60),
              value: query.sharedRead + query.tempWritten,
              shown: formatBytes((query.sharedRead + query.tempWritten) * 8192),
              link: query.id,
            })),
          )
    }
    ${
      roles.size < 2
        ? null
        : drawBars(
            "By role, of these queries",
            [...roles]
              .toSorted(([, a], [, b]) => b - a)
              .map(([label, share]) => ({
                label,
                value: share,
                shown: `${(share * 100).toFixed(1)} %`,
              })),
          )
    }
  </section>`;
}

function overTime({ timeline }: PageParts): Html | null {
  const chart = drawTimeline(timeline);
  return chart === null
    ? null
    : html`<section>
        <h2>Over time</h2>
        ${chart}
      </section>`;
}

function changes({ since }: PageParts): Html | null {
  if (since === null) return null;
  const changed = since.queries.filter(({ change }) => change !== "same");
  return html`<section>
    <h2>Since ${when(since.since.takenAt)}</h2>
    <p>
      ${formatCount(since.calls)} calls in ${ms(since.totalMs)}, over
      ${formatAge(Math.max(0, since.seconds))}.
    </p>
    ${since.notes.map((note) => html`<div class="problem"><p>${note}</p></div>`)}
    ${since.migrations.length === 0 ? null : html`<p>Applied in between: ${since.migrations.map(({ file, version }) => file ?? version).join(", ")}.</p>`}
    ${table(
      ["query", "change", "calls", "before", "now", "total", "after"],
      changed.map((query) => [
        html`<code>${oneLine(query.text, 120)}</code>`,
        html`<span class="${query.change}"
          >${query.change}${query.ratio !== null && query.change !== "new" ? ` ${query.ratio.toFixed(1)} ×` : ""}</span
        >`,
        formatCount(query.calls),
        query.meanBeforeMs === null ? "" : ms(query.meanBeforeMs),
        query.change === "gone" ? "" : ms(query.meanMs),
        ms(query.totalMs),
        query.migrations.join(", "),
      ]),
      [2, 3, 4, 5],
    )}
  </section>`;
}

function candidates({ report }: PageParts): Html | null {
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

function queries({ report }: PageParts): Html {
  return html`<section>
    <h2>Queries by ${sorts[report.sort].title}</h2>
    ${report.queries.map(query)}
  </section>`;
}

function query(one: JudgedQuery): Html {
  const stats = [
    `${(one.share * 100).toFixed(1)} % of the load`,
    `${formatCount(Math.round(one.calls))} calls`,
    `${ms(one.meanMs)} on average (${ms(one.minMs)} to ${ms(one.maxMs)}, ± ${ms(one.stddevMs)})`,
    `${formatNumber(one.rowsPerCall)} rows a call`,
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

function sessions({ server }: PageParts): Html | null {
  if (server.sessions.length === 0) return null;
  return html`<section>
    <h2>Open transactions at this moment</h2>
    ${table(
      ["pid", "role", "state", "waits for", "open for", "blocked by"],
      server.sessions.map((one) => [
        one.pid,
        one.role,
        one.state,
        one.wait,
        formatAge(Math.max(0, one.seconds)),
        one.blockers,
      ]),
      [0, 4],
    )}
  </section>`;
}

function inputOutput({ server }: PageParts): Html | null {
  if (server.io === null)
    return html`<section>
      <h2>Reads and writes by process</h2>
      <p class="dim">PostgreSQL 16 and newer count them (pg_stat_io).</p>
    </section>`;
  if (server.io.length === 0) return null;
  return html`<section>
    <h2>Reads and writes by process</h2>
    ${table(
      ["process", "object", "context", "reads", "writes", "hits"],
      server.io.map((one) => [
        one.kind,
        one.object,
        one.context,
        formatCount(one.reads),
        formatCount(one.writes),
        formatCount(one.hits),
      ]),
      [3, 4, 5],
    )}
  </section>`;
}

function deadRows({ server }: PageParts): Html | null {
  if (server.deadRows.length === 0) return null;
  return html`<section>
    <h2>Dead rows</h2>
    ${table(
      ["table", "dead", "live", "vacuumed", "analyzed"],
      server.deadRows.map((one) => [
        one.name,
        formatCount(one.dead),
        formatCount(one.live),
        one.vacuumedAt === null ? "never" : when(one.vacuumedAt),
        one.analyzedAt === null ? "never" : when(one.analyzedAt),
      ]),
      [1, 2],
    )}
  </section>`;
}
