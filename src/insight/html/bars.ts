/** Horizontal bars: each is inline SVG, its label and value are text of the page. */
import { scaleLinear } from "d3-scale";
import { html, type Html } from "../../html/markup.ts";

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly shown: string;
  /** An anchor in the page. */
  readonly link?: string;
}

// Units of the drawing, stretched to whatever width there is.
const width = 1000;

/** One bar for each; the longest fills the width. */
export function drawBars(title: string, bars: readonly Bar[]): Html {
  const scale = scaleLinear()
    .domain([0, Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE)])
    .range([0, width]);
  return html`<figure>
    <figcaption>${title}</figcaption>
    <div class="bars">
      ${bars.map(
        ({ label, value, shown, link }) =>
          html`<span class="label" title="${label}"
              >${link === undefined ? label : html`<a href="#${link}">${label}</a>`}</span
            ><svg viewBox="0 0 ${width} 10" preserveAspectRatio="none" aria-hidden="true">
              <rect width="${Math.max(2, scale(value)).toFixed(1)}" height="10" /></svg
            ><span class="n dim">${shown}</span> `,
      )}
    </div>
  </figure>`;
}
