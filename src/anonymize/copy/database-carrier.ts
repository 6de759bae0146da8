/** Carries rows into a database. */
import { mergeCopies } from "../../db/copy-merge.ts";
import { pipeCopy } from "../../db/copy-pipe.ts";
import { partSql } from "./marker.ts";
import { type Open, openForCopy } from "./open.ts";
import { formatBetween, readStatement, writeStatement } from "./table.ts";
import type { Carrier } from "./transfer.ts";

/** Each unit in a transaction of its own, which also notes that it is done. */
export async function openDatabaseCarrier(open: Open, signal: AbortSignal): Promise<Carrier> {
  const writer = await openForCopy(open, { writes: true, signal });
  return {
    async carry({ id, table, parts, isAlone }, readers, attempt) {
      // In a table that its own transaction has emptied, rows are written frozen: nobody has to
      // write them again later, and with wal_level = minimal they need no WAL.
      await writer.script(isAlone ? `begin; truncate only ${table.into}` : "begin");
      const format = formatBetween(table);
      const statements = parts.map((part) => readStatement(table, format, part));
      const to = { session: writer, statement: writeStatement(table, format, isAlone) };
      const [only, ...others] = statements;
      const rows =
        only !== undefined && others.length === 0
          ? await pipeCopy({ session: readers[0], statement: only }, to, attempt.add)
          : await mergeCopies(
              { sessions: readers, statements, isBinary: format === "binary" },
              to,
              attempt.add,
            );
      await writer.script(`${partSql(id, rows, attempt.bytes)}; commit`);
      return rows;
    },
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  };
}
