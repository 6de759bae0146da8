/** FitnessHub's own matrix and findings: what `policies/` lets everybody do, and what is meant by it. */
import { expect, test } from "vitest";
import { testAccess } from "../../src/policies/matrix/test.ts";
import { lintPolicies } from "../../src/policies/rls/lint/lint.ts";
import { connectTo } from "../support/connection.ts";
import {
  fitnessHubPolicies,
  fitnessHubSchemas,
  withFitnessHubPolicies,
} from "../support/fitnesshub.ts";

const ledger = { schema: "public", table: "schema_migrations" };

test("policies/access.yaml is what everybody may do", async () => {
  await using database = await withFitnessHubPolicies();
  await using session = await connectTo(database.url);
  const options = {
    directory: fitnessHubPolicies,
    workingDirectory: fitnessHubPolicies,
    ledger,
    ownerRole: "fitnesshub_owner",
    lockTimeoutMs: 5000,
    statementTimeoutMs: 0,
    protectedBy: undefined,
    writes: false,
    dryRun: false,
    events: () => {},
  };
  const { file, findings, roles } = await testAccess(session, options);
  expect(findings.filter(({ severity }) => severity !== "info")).toEqual([]);
  expect(file.state).toBe("equal");
  expect(roles).toEqual([
    "ai_service_user",
    "blockchain_service_user",
    "fitnesshub_analyst",
    "notification_service_user",
    "social_service_user",
    "user_service_user",
    "workout_service_user",
  ]);

  await session.script("ALTER POLICY delete_own ON workout_service.workouts USING (is_public)");
  const changed = await testAccess(session, options);
  expect(
    changed.findings.filter(({ severity }) => severity === "error").map(({ message }) => message),
  ).toEqual([
    "role workout_service_user may now DELETE others' public rows of workout_service.workouts (as user, as admin, as closed, without identity); role workout_service_user may no longer DELETE own rows of workout_service.workouts (as user)",
  ]);
});

test("what is left to say about the policies is not wrong, only slow", async () => {
  await using database = await withFitnessHubPolicies();
  await using session = await connectTo(database.url);
  const findings = await lintPolicies(
    { session, ownerRole: "fitnesshub_owner", ledger },
    {
      directory: fitnessHubPolicies,
      shownDirectory: "policies",
      schemas: new Set(fitnessHubSchemas),
    },
  );
  expect(new Set(findings.map(({ rule, severity }) => `${severity} ${rule}`))).toEqual(
    new Set(["info policies/not-leakproof"]),
  );
});
