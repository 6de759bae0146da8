import type { IndexRule } from "../rule.ts";

/** Not a problem of an index, but of looking at it: what was not seen is never left unsaid. */
export const locked: IndexRule = ({ locked }) =>
  locked.map(({ table, pid }) => ({
    rule: "indexes/cannot-look",
    severity: "warning",
    object: table,
    message: `could not look at the indexes of ${table}: pid ${pid} locks the table exclusively, or waits to`,
    hint: "run the same command again when that is over",
  }));
