import type { Finding } from "../../findings.ts";
import { countOf, formatCount } from "../../db/amount.ts";
import type { Check } from "../check.ts";
import { changeSetting, valueOf } from "../settings.ts";
import listLockNeeds from "./lock-table.sql";

interface LockRow {
  readonly name: string;
  readonly partitions: number;
  readonly locks: number;
}

export const lockTable: Check = {
  title: "lock table",
  async look(session, context) {
    const { settings, limits } = context;
    const number = (name: string) => Number(valueOf(settings, name));
    const perTransaction = settings.get("max_locks_per_transaction");
    if (perTransaction === undefined) return [];
    const holders = number("max_connections") + number("max_prepared_transactions");
    const size = Number(perTransaction.value) * holders;
    const rows = await session.query<LockRow>(listLockNeeds);
    return rows
      .filter(({ locks }) => locks > size * limits.lockTableShare)
      .map(({ name, partitions, locks }): Finding => {
        // Room for two such queries at once.
        const better = Math.ceil((2 * locks) / holders / 64) * 64;
        return {
          rule: "doctor/locks-scarce",
          severity: "warning",
          message: `a query on ${name} that names no partition key locks ${formatCount(locks)} relations (${countOf(partitions, "partition")} and their indexes), and the server has room for about ${formatCount(size)} locks in all: ${locks > size ? "it fails" : "two at once fail"} with "out of shared memory"`,
          object: name,
          hint: changeSetting(context, perTransaction, String(better)),
        };
      });
  },
};
