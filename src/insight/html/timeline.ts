/** The load over time, a step for each interval between two snapshots, as inline SVG. */
import { scaleLinear, scaleUtc } from "d3-scale";
import { area, curveStepAfter } from "d3-shape";
import { html, type Html } from "../../html/markup.ts";

/** An interval; its load is the seconds of execution in each second. */
export interface Point {
  readonly from: string;
  readonly to: string;
  readonly load: number;
  readonly callsPerSecond: number;
}

const width = 720;
const height = 180;
// At the right half of a label has to fit, in the large font of narrow screens too.
const margin = { left: 68, right: 40, top: 10, bottom: 26 };

const hour = 3_600_000;

/** d3's own forms have twelve hours a day, and ":13" for seconds. */
function formOf(spanMs: number): string {
  if (spanMs < hour / 6) return "%H:%M:%S";
  if (spanMs < 36 * hour) return "%H:%M";
  // Days of a month with the hour, as long as two labels may fall on one day.
  return spanMs < 144 * hour ? "%d %H:%M" : "%b %-d";
}

/** Nothing where there is no interval. */
export function drawTimeline(points: readonly Point[]): Html | null {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  const x = scaleUtc()
    .domain([new Date(first.from), new Date(last.to)])
    .range([margin.left, width - margin.right]);
  const y = scaleLinear()
    .domain([0, Math.max(...points.map(({ load }) => load), 0.001)])
    .nice(4)
    .range([height - margin.bottom, margin.top]);
  const steps = [
    ...points.map(({ from, load }) => ({ at: from, load })),
    { at: last.to, load: last.load },
  ];
  const shape = area<(typeof steps)[number]>()
    .x(({ at }) => x(new Date(at)))
    .y0(y(0))
    .y1(({ load }) => y(load))
    .curve(curveStepAfter);
  const format = x.tickFormat(6, formOf(Date.parse(last.to) - Date.parse(first.from)));
  return html`<figure>
    <figcaption>Seconds of execution per second, between snapshots (UTC)</figcaption>
    <svg
      class="chart"
      viewBox="0 0 ${width} ${height}"
      role="img"
      aria-label="load over time, ${points.length} intervals"
    >
      ${y
        .ticks(4)
        .map(
          (tick) =>
            html`<line
                x1="${margin.left}"
                x2="${width - margin.right}"
                y1="${y(tick)}"
                y2="${y(tick)}"
                class="grid"
              /><text x="${margin.left - 8}" y="${y(tick) + 4}" text-anchor="end"
                >${y.tickFormat(4)(tick)}</text
              >`,
        )}
      ${x
        .ticks(6)
        .map(
          (tick) =>
            html`<text x="${x(tick)}" y="${height - 8}" text-anchor="middle"
              >${format(tick)}</text
            >`,
        )}
      <path d="${shape(steps)}" />
    </svg>
  </figure>`;
}
