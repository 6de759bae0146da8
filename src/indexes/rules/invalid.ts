import { judgeInvalid } from "../invalid.ts";
import type { IndexRule } from "../rule.ts";

/** An index that no query uses because its build did not come to its end, or goes on right now. */
export const invalid: IndexRule = ({ invalid, counters, inScope }) =>
  invalid.filter(inScope).map((row) => {
    const { kind, hint, ...finding } = judgeInvalid(row, counters.isStandby);
    return {
      rule: `indexes/${kind}`,
      ...finding,
      ...(hint === undefined
        ? {}
        : { hint: `\`pgwright indexes repair\` does it; by hand: ${hint}` }),
    };
  });
