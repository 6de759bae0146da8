/** Pieces that several sections are made of. */
import { formatAge, formatCount } from "../../db/amount.ts";
import { html, type Html } from "../../html/markup.ts";

export function problem({
  severity,
  message,
  hint,
}: {
  severity: string;
  message: string;
  hint?: string | undefined;
}): Html {
  return html`<div class="problem ${severity}">
    <p>${code(message)}</p>
    ${hint === undefined ? null : html`<p>${code(hint)}</p>`}
  </div>`;
}

/** What stands between backticks is to be typed. */
function code(text: string): Html[] {
  return text
    .split("`")
    .map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

/** A name that may go on in the next line behind its dots and underscores. */
export function name(text: string): Html {
  const parts = text.split(/(?<=[._])/);
  return html`<code class="name"
    >${parts.map((part, i) => (i === 0 ? html`${part}` : html`<wbr />${part}`))}</code
  >`;
}

export function table(
  titles: readonly string[],
  rows: readonly (readonly (Html | string | number)[])[],
  numbers: readonly number[],
): Html {
  const align = (i: number) => (numbers.includes(i) ? "n" : "");
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${titles.map((title, i) => html`<th class="${align(i)}">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, i) => html`<td class="${align(i)}">${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

export function when(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}

export function ms(milliseconds: number): string {
  if (milliseconds >= 60_000) return formatAge(milliseconds / 1000);
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 1 ? 3 : milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0)} ms`;
}

export function formatNumber(value: number): string {
  return value >= 100 ? formatCount(Math.round(value)) : String(Math.round(value * 10) / 10);
}
