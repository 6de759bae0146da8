/** What follows migrations: policies/, brought about where the files are as new as the database. */
import type { AppliedPolicies, ApplyPoliciesOptions } from "../policies/apply.ts";
import type { MigrateResult } from "../migrate/migrate.ts";

/**
 * Undefined where the files cannot speak for the database: a newer release has migrated it, or some
 * of them were left pending on purpose.
 *
 * @throws PgwrightError as `applyPolicies`.
 */
export async function applyAfterMigrate(
  options: ApplyPoliciesOptions,
  { ahead, left }: MigrateResult,
): Promise<AppliedPolicies | undefined> {
  const reason =
    ahead.length > 0
      ? "the database is ahead of these files"
      : left.length > 0
        ? "migrations are left pending"
        : undefined;
  if (reason !== undefined) {
    options.events({
      type: "notice",
      level: "info",
      message: `policies/ is not applied: ${reason}`,
    });
    return undefined;
  }
  const { applyPolicies } = await import("../policies/apply.ts");
  return applyPolicies(options);
}
