/** What a dry run says of statements that are carried out in another way than they are written. */
import type { Statement } from "../db/script.ts";
import type { Session } from "../db/session.ts";
import { as } from "../db/tree.ts";
import { plainDrop } from "./alone.ts";
import { dropOfInvalid } from "./index-build.ts";
import listLeaves from "./leaves.sql";
import type { Run } from "./segment.ts";
import { relationSql } from "./table-names.ts";

/**
 * Comments, and statements that go before, for concurrent index work that the catalog of now makes
 * different. How an index comes to the leaves of a partitioned table is only told: the steps depend
 * on what PostgreSQL makes of the definition, and that is known once the parent's index exists.
 */
export async function explainAlone(
  session: Session,
  runs: readonly Run[],
): Promise<ReadonlyMap<Statement, string>> {
  const comments = new Map<Statement, string>();
  for (const run of runs) {
    if (run.kind !== "alone") continue;
    if (run.backfill) {
      const { batch, pauseMs, maxLagMs } = run.backfill;
      comments.set(
        run.statement,
        `-- in batches of ${batch} rows by key, each a transaction with a journal entry of its own; pause ${pauseMs} ms, ${maxLagMs === 0 ? "whatever standbys do" : `no standby more than ${maxLagMs} ms behind`}\n`,
      );
      continue;
    }
    const { node, text } = run.statement;
    const drop = as(node, "DropStmt");
    const plain = drop && (await plainDrop(drop, session));
    if (plain !== undefined) {
      comments.set(
        run.statement,
        `-- PostgreSQL refuses this for a partitioned index; what runs, briefly, is: ${plain}\n`,
      );
    }
    const index = as(node, "IndexStmt");
    if (!index?.relation?.inh) continue;
    const dropInvalid = await dropOfInvalid(text, session);
    if (dropInvalid !== undefined) {
      comments.set(
        run.statement,
        `-- the invalid index of a failed build goes first\n${dropInvalid};\n`,
      );
    }
    const table = relationSql(index.relation);
    const rows = await session.query<{ leaf: string }>(listLeaves, [table]);
    if (rows.length === 0) continue;
    comments.set(
      run.statement,
      `-- ${table} is partitioned, where PostgreSQL refuses this: the index is made on only the parent,\n-- built concurrently on each leaf, and attached: ${rows.map(({ leaf }) => leaf).join(", ")}\n`,
    );
  }
  return comments;
}
