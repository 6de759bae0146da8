/** NULL in each column that allows it, for those who want to see what becomes of it. */
import type { Column } from "./catalog.ts";
import type { TableRows } from "./rows.ts";
import type { Made } from "./scope.ts";

/**
 * The same values, and NULL in one row; the next column has it in the next row. A column that others
 * refer to keeps its values, as their rows count on it. A row that a CHECK refuses is drawn again, with
 * its value.
 *
 * @param made by numbers that begin with 0, whatever rows are there already.
 */
export function withOneNull(rows: TableRows, column: Column, made: Made): Made {
  const { table, first } = rows;
  const { name } = column;
  if (!rows.isNullable(name) || isReferred(rows, name)) return made;
  const place = table.columns.indexOf(column);
  const draw = rows.draw(`${name} (null)`);
  // How many rows there are may depend on this column's values, so it is asked last.
  const isNull = (row: number) =>
    row <= place && row === place % rows.count && draw.attempt(row + first) === 0;
  const { text, number } = made;
  return {
    ...made,
    text: (row) => (isNull(row) ? null : text(row)),
    number: number && ((row) => (isNull(row) ? null : number(row))),
  };
}

/** Keys of other tables are its values; those of several columns are NULL in all of them, or in none. */
function isReferred({ table, world }: TableRows, name: string): boolean {
  return (
    world.catalog.tables.some(({ foreignKeys }) =>
      foreignKeys.some(
        ({ target, targetColumns }) => target === table.oid && targetColumns.includes(name),
      ),
    ) || table.foreignKeys.some(({ columns }) => columns.length > 1 && columns.includes(name))
  );
}
