/** What an index costs its table's writers, in words. */
import { formatCount } from "../db/amount.ts";
import type { IndexFacts } from "./catalog.ts";

/** ", and 1,200 writes had to maintain it"; empty where nothing was written. */
export function writesOf({ writes }: IndexFacts): string {
  if (writes === null || writes <= 0) return "";
  return `, and ${formatCount(writes)} ${writes === 1 ? "write" : "writes"} to the table had to maintain it`;
}
