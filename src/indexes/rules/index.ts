/** The explicit list of rules, in the order in which their findings are shown. */
import type { IndexRule } from "../rule.ts";
import { boolean } from "./boolean.ts";
import { covered } from "./covered.ts";
import { duplicate } from "./duplicate.ts";
import { foreignKey } from "./foreign-key.ts";
import { invalid } from "./invalid.ts";
import { locked } from "./locked.ts";
import { unused } from "./unused.ts";

export const rules: readonly IndexRule[] = [
  locked,
  invalid,
  duplicate,
  foreignKey,
  covered,
  unused,
  boolean,
];
