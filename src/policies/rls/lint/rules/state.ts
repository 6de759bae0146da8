import type { Policy, PolicyDatabase, Table } from "../database.ts";
import { formatNames, type Rule } from "../rule.ts";

/** Roots: what a partition lacks is told for its root. */
function rootsOf({ tables }: PolicyDatabase): Table[] {
  return tables.filter(({ isPartition }) => !isPartition);
}

function policiesOf({ policies }: PolicyDatabase, table: Table): Policy[] {
  return policies.filter((policy) => policy.table === table);
}

/** Without FORCE the owner sees everything: often the application's own role. */
export const noForce: Rule = {
  name: "policies/no-force",
  judge: (database) =>
    rootsOf(database)
      .filter(({ isOn, isForced }) => isOn && !isForced)
      .map(({ name, owner }) => ({
        severity: "warning",
        message: `row security of ${name} does not hold for its owner ${owner}`,
        hint: `\`ALTER TABLE ${name} FORCE ROW LEVEL SECURITY;\``,
        object: name,
      })),
};

/** Grants that lead nowhere. A table nobody was granted is closed on purpose. */
export const withoutPolicy: Rule = {
  name: "policies/rls-without-policy",
  judge: (database) =>
    rootsOf(database)
      .filter(
        (table) =>
          table.isOn && policiesOf(database, table).length === 0 && table.grantees.length > 0,
      )
      .map(({ name, grantees }) => ({
        severity: "warning",
        message: `${name} has row security and no policy: ${formatNames(grantees)}, who hold rights on it, see and change nothing`,
        hint: `\`CREATE POLICY … ON ${name} TO … USING (…) WITH CHECK (…);\`, or revoke the rights`,
        object: name,
      })),
};

export const policyDisabled: Rule = {
  name: "policies/policy-disabled",
  judge: (database) =>
    database.tables
      .filter((table) => !table.isOn && policiesOf(database, table).length > 0)
      .map((table) => ({
        severity: "error",
        message: `${table.name} has policies (${formatNames(policiesOf(database, table).map(({ name }) => name))}) that do nothing: row security is off there`,
        hint: `\`ALTER TABLE ${table.name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\``,
        object: table.name,
      })),
};

/** Restrictive policies take away from what permissive ones give. */
export const restrictiveOnly: Rule = {
  name: "policies/restrictive-only",
  judge: (database) =>
    database.tables
      .filter(({ isOn }) => isOn)
      .filter((table) => {
        const policies = policiesOf(database, table);
        return policies.length > 0 && policies.every(({ isPermissive }) => !isPermissive);
      })
      .map(({ name }) => ({
        severity: "warning",
        message: `${name} has restrictive policies only, which let nothing through`,
        hint: `\`CREATE POLICY … ON ${name} AS PERMISSIVE TO … USING (…);\` beside them`,
        object: name,
      })),
};
