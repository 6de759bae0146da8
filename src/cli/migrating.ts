/** What every command that runs migrations needs: from configuration and flags, and to show it. */
import type { MigratorOptions } from "../migrate/migrator.ts";
import type { StatementCost } from "../migrate/cost.ts";
import type { Context } from "./context.ts";
import type { View } from "./render/view.ts";

/**
 * Options of the migrator and the directory of the migrations.
 *
 * @param isProtected For commands that may do without the configured database; else it says that.
 */
export async function migratorOptions(
  context: Context,
  lockWaitSeconds = 300,
  isProtected?: boolean,
): Promise<MigratorOptions & { readonly directory: string }> {
  const { hostname } = await import("node:os");
  const { version } = await import("../version.ts");
  const { settings } = await context.config();
  const { schema, table, role, directory } = settings.migrations;
  return {
    directory,
    open: (need) => context.connect(need),
    ledger: { schema, table },
    role,
    isProtected: isProtected ?? (await context.place()).isProtected,
    lockTimeoutMs: settings.lock_timeout,
    lockBudgetMs: settings.lock_budget,
    lockWaitMs: lockWaitSeconds * 1000,
    statementTimeoutMs: settings.statement_timeout,
    author: { host: hostname(), toolVersion: version },
    loadKeeper: async (events) => {
      const { loadKeeper } = await import("../policies/keeper.ts");
      const place = { ownerRole: role, ledger: { schema, table } };
      return loadKeeper(settings.policies.directory, place, events);
    },
    events: context.events,
    signal: context.signal,
  };
}

/** What is needed beside that to bring about `policies/`. */
export async function policyOptions(context: Context) {
  const { settings } = await context.config();
  return {
    policiesDirectory: settings.policies.directory,
    openMaintenance: () => context.connect({ writes: true, direct: true, database: "postgres" }),
  };
}

/** As comments above the SQL: what each statement locks, and what takes time with the table's size. */
export function costLines(costs: readonly StatementCost[] | undefined, view: View): string[] {
  if (costs === undefined || costs.length === 0) return [];
  const works = {
    none: "",
    scan: ", reads all of it",
    index: ", builds an index",
    rewrite: ", writes it anew",
  } as const;
  const lines = costs.flatMap(({ file, line, statement, locks }) => [
    `--   ${view.visible(`${file}${line === undefined ? "" : `:${line}`} ${statement}`)}`,
    ...locks.map(({ table, lock, work, rows, bytes, unsure }) => {
      const size =
        bytes === null
          ? ""
          : ` (${rows === null ? "unknown rows" : view.plural(rows, "row")}, ${view.bytes(bytes)})`;
      const doubt = unsure === undefined ? "" : ` (${unsure} is not known)`;
      return view.visible(`--     ${lock} on ${table}${size}${works[work]}${doubt}`);
    }),
  ]);
  return ["-- locks on tables that are there:", ...lines, ""];
}
