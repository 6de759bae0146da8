/** A few values in a row as small bars, for a cell of a table. */
import { scaleBand, scaleLinear } from "d3-scale";
import { html, type Html } from "../../html/markup.ts";

const [width, height] = [60, 16];
// So that one value alone is no block.
const fewest = 5;

/** The oldest at the left; `title` says the same in words. */
export function drawSpark(title: string, values: readonly number[]): Html {
  const places = Array.from({ length: Math.max(fewest, values.length) }, (_, i) => i);
  const x = scaleBand<number>().domain(places).range([0, width]).padding(0.2);
  const y = scaleLinear()
    .domain([0, Math.max(...values, Number.MIN_VALUE)])
    .range([0, height]);
  const first = places.length - values.length;
  return html`<svg
    class="spark"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="img"
    aria-label="${title}"
  >
    ${values.map((value, i) => {
      const tall = Math.max(1, y(value));
      return html`<rect
        x="${(x(first + i) ?? 0).toFixed(1)}"
        y="${(height - tall).toFixed(1)}"
        width="${x.bandwidth().toFixed(1)}"
        height="${tall.toFixed(1)}"
      />`;
    })}
  </svg>`;
}
