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

/** How many times as long, or as short. */
function factor(ratio: number): string {
  return (ratio < 1 && ratio > 0 ? 1 / ratio : ratio).toFixed(1);
}

export function changes({ since }: PageParts): Html | null {
  if (since === null) return null;
  const changed = since.queries.filter(
    ({ change, planChange }) => change !== "same" || planChange !== null,
  );
  const replanned = changed.flatMap(({ planChange, ...query }) =>
    planChange === null ? [] : [{ ...query, planChange }],
  );
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
          >${query.change}${query.ratio !== null && query.change !== "new" && query.change !== "same" ? ` ${factor(query.ratio)} ×` : ""}${query.planChange === null ? "" : ", new plan"}</span
        >`,
        formatCount(query.calls),
        query.meanBeforeMs === null ? "" : ms(query.meanBeforeMs),
        query.change === "gone" ? "" : ms(query.meanMs),
        ms(query.totalMs),
        query.migrations.join(", "),
      ]),
      [2, 3, 4, 5],
    )}
    ${replanned.length === 0 ? null : html`<h3>Plans that changed</h3>`}
    ${replanned.map(
      ({ id, text, planChange }) =>
        html`<details open>
          <summary><code>${id.slice(0, 8)}</code> ${oneLine(text, 80)}</summary>
          <div class="two">
            <figure>
              <figcaption>before</figcaption>
              <pre>${planChange.before.join("\n")}</pre>
            </figure>
            <figure>
              <figcaption>now</figcaption>
              <pre>${planChange.now.join("\n")}</pre>
            </figure>
          </div>
        </details>`,
    )}
  </section>`;
}
