/** Which queries the load is of. */
import { formatBytes } from "../../../db/amount.ts";
import { sorts } from "../../sort.ts";
import { oneLine } from "../../text.ts";
import { drawBars } from "../bars.ts";
import { html, type Html } from "../../../html/markup.ts";
import { formatNumber } from "../pieces.ts";
import type { PageParts } from "../section.ts";

export function load({ report }: PageParts): Html | null {
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
