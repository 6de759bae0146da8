/** Where the rows of a table refer to, foreign key by foreign key. */
import type { ForeignKey } from "./catalog.ts";
import { decide } from "./decide.ts";
import { type Link, linkName, makeLink } from "./link.ts";
import type { TableRows } from "./rows.ts";
import { Impossible } from "./scope.ts";

/**
 * A link for each foreign key that others do not fill.
 *
 * @throws Impossible when a key may not be NULL and there is nothing to refer to.
 */
export function makeLinks(rows: TableRows): Link[] {
  const { table, world, driver } = rows;
  const links: Link[] = [];
  // A self-reference comes last: it looks for an earlier row with what the others say.
  const canBeNull = (key: ForeignKey) => key.columns.some((column) => rows.isNullable(column));
  const rank = (key: ForeignKey) =>
    key === driver ? 0 : key.target === table.oid ? 3 : canBeNull(key) ? 2 : 1;
  const ordered = table.foreignKeys.toSorted(
    (one, other) => rank(one) - rank(other) || other.columns.length - one.columns.length,
  );
  for (const key of ordered) {
    const covered = key.columns.every((column) =>
      links.some((link) => link.key.columns.includes(column)),
    );
    // What other keys fill completely refers to where those refer to.
    if (covered) continue;
    const isSelf = key.target === table.oid;
    const source = isSelf ? rows : world.source(key.target);
    const nullable = key.columns.filter((column) => rows.isNullable(column));
    if (!source) {
      if (nullable.length > 0) continue;
      throw new Impossible(`${key.name} refers to a table that is not filled and has no rows`);
    }
    const decided = decide(rows, { link: key.name });
    const asked = key.columns.map((column) => rows.request?.columns[column]?.nullShare);
    links.push(
      makeLink({
        key,
        source,
        isSelf,
        nullable,
        draw: rows.draw(linkName(key)),
        decided,
        decidedHow: key === driver ? "row by row" : "each combination once",
        isOnce: rows.keys.some((plan) => plan.kind === "link" && plan.foreignKey === key.name),
        nullShare: asked.find((share) => share !== undefined) ?? 0.15,
        redraws: world.redraws,
        rules: rows.rules,
        fitting: () => rows.fittingParents(key),
        earlier: [...links],
        own: (column, row) => rows.value(column, row),
      }),
    );
  }
  return links;
}
