/** What every command that runs migrations needs, from configuration and flags. */
import type { MigratorOptions } from "../migrate/migrator.ts";
import type { Context } from "./context.ts";

/** Options of the migrator and the directory of the migrations. */
export async function migratorOptions(
  context: Context,
  lockWaitSeconds = 300,
): Promise<MigratorOptions & { readonly directory: string }> {
  const { hostname } = await import("node:os");
  const { version } = await import("../version.ts");
  const { settings } = await context.config();
  const { isProtected } = await context.place();
  const { schema, table, role, directory } = settings.migrations;
  return {
    directory,
    open: (need) => context.connect(need),
    ledger: { schema, table },
    role,
    isProtected,
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
