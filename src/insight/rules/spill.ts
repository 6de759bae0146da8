import { formatBytes } from "../../db/amount.ts";
import { type QueryRule, severityOf } from "../rule.ts";

const block = 8192;
// Less is written and read back in a moment.
const least = 1_048_576;

/** Sorts and hashes that did not fit work_mem. */
export const spill: QueryRule = ({ query }) => {
  const bytes = query.calls === 0 ? 0 : (query.tempWritten * block) / query.calls;
  if (bytes < least) return [];
  const megabytes = Math.ceil((bytes * 2) / 1_048_576);
  return [
    {
      rule: "slow-queries/temporary-files",
      severity: severityOf(query),
      object: query.role,
      message: `each call writes ${formatBytes(bytes)} of temporary files: a sort or hash did not fit work_mem`,
      hint: `sort fewer rows, or give this role room: \`ALTER ROLE ${query.role} SET work_mem = '${megabytes}MB';\``,
    },
  ];
};
