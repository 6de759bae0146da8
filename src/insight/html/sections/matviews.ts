/** Materialized views: how old they are, and whether their refreshes take longer and longer. */
import { formatAge, formatBytes, formatCount } from "../../../db/amount.ts";
import type { ListedMatview } from "../../matviews/list.ts";
import { html, type Html } from "../../../html/markup.ts";
import { ms, name, problem, table } from "../pieces.ts";
import type { PageParts } from "../section.ts";
import { drawSpark } from "../spark.ts";

export function materializedViews({ matviews }: PageParts): Html | null {
  const { views, findings } = matviews;
  if (views.length === 0) return null;
  return html`<section>
    <h2>Materialized views</h2>
    ${table(
      ["view", "rows", "size", "age", "promised", "last refreshes", "refreshed", "since then"],
      views.map((one) => [
        name(one.view),
        one.rows === null ? "" : `${one.isEstimate ? "~" : ""}${formatCount(Math.round(one.rows))}`,
        one.bytes === null ? "locked" : formatBytes(one.bytes),
        ageOf(one),
        one.maxAge === null ? "" : formatAge(one.maxAge),
        durations(one),
        one.whyPlain === null ? "concurrently" : `plain: ${one.whyPlain}`,
        one.refreshedAt === null ? "no refresh is on record" : (one.changed ?? "no change"),
      ]),
      [1, 2, 3, 4],
    )}
    ${findings.filter(({ severity }) => severity !== "info").map(problem)}
  </section>`;
}

function ageOf({ age, behind, maxAge }: ListedMatview): Html | string {
  if (age === null) return "?";
  const isLate = maxAge !== null && (behind ?? Infinity) > maxAge;
  return isLate ? html`<span class="slower">${formatAge(age)} !</span>` : formatAge(age);
}

function durations({ durations: newestFirst, view }: ListedMatview): Html | string {
  const [last] = newestFirst;
  if (last === undefined) return "";
  const shown = newestFirst.toReversed();
  return html`<span class="trend"
    >${drawSpark(`durations of the refreshes of ${view}: ${shown.map(ms).join(", ")}`, shown)}
    ${ms(last)}</span
  >`;
}
