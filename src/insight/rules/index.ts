/** The explicit list of reasons why a query can be slow, in the order they are told. */
import type { QueryRule } from "../rule.ts";
import { missingIndex } from "./missing-index.ts";
import { oneByOne } from "./one-by-one.ts";
import { partitions } from "./partitions.ts";
import { pattern } from "./pattern.ts";
import { policy } from "./policy.ts";
import { spill } from "./spill.ts";
import { stale } from "./stale.ts";

export const rules: readonly QueryRule[] = [
  missingIndex,
  policy,
  partitions,
  pattern,
  oneByOne,
  spill,
  stale,
];
