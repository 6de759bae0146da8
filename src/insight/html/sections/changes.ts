/** The load over time, and what became slower or faster since a snapshot. */
import { formatAge, formatCount } from "../../../db/amount.ts";
import { oneLine } from "../../text.ts";
import { html, type Html } from "../../../html/markup.ts";
import { ms, table, when } from "../pieces.ts";
import type { PageParts } from "../section.ts";
import { drawTimeline } from "../timeline.ts";

export function overTime({ timeline }: PageParts): Html | null {
  const chart = drawTimeline(timeline);
  return chart === null
    ? null
    : html`<section>
        <h2>Over time</h2>
        ${chart}
      </section>`;
}

export function changes({ since }: PageParts): Html | null {
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
