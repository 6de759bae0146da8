/** The server beside its queries: open transactions, reads and writes, dead rows. */
import { formatAge, formatCount } from "../../../db/amount.ts";
import { html, type Html } from "../../../html/markup.ts";
import { table, when } from "../pieces.ts";
import type { PageParts } from "../section.ts";

export function sessions({ server }: PageParts): Html | null {
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

export function inputOutput({ server }: PageParts): Html | null {
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

export function deadRows({ server }: PageParts): Html | null {
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
