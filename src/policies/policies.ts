/** Everything that `policies/` declares, read from its files. */
import type { Finding } from "../findings.ts";
import type { DeclaredAccess } from "./grants/plan.ts";
import { declareGrants, isAboutGrants } from "./grants/declared.ts";
import type { DeclaredGrants } from "./grants/declared.ts";
import type { DeclaredRowSecurity } from "./rls/plan.ts";
import { declareRowSecurity, isAboutRowSecurity } from "./rls/declared.ts";
import { declareRoles, isAboutRoles } from "./roles/declared.ts";
import type { DeclaredRoles } from "./roles/declared.ts";
import { mistake, readPolicySql } from "./statement.ts";
import type { PolicyStatement } from "./statement.ts";

export interface Policies {
  readonly directory: string;
  readonly roles: DeclaredRoles;
  readonly rowSecurity: DeclaredRowSecurity;
  readonly grants: DeclaredAccess;
  /** Mistakes in the files. With an error among them nothing may be applied. */
  readonly findings: readonly Finding[];
}

/** The schemas of FitnessHub have no special meaning here: whatever the files name is managed. */
export async function readPolicies(directory: string): Promise<Policies> {
  const { statements, findings } = await readPolicySql(directory);
  const about = (is: (statement: PolicyStatement) => boolean) => statements.filter(is);
  const roles = declareRoles(about(isAboutRoles));
  const rowSecurity = declareRowSecurity(about(isAboutRowSecurity));
  const grants = declareGrants(about(isAboutGrants));
  const unknown = statements.filter(
    (one) => !isAboutRoles(one) && !isAboutRowSecurity(one) && !isAboutGrants(one),
  );
  const schemas = namedSchemas(grants.declared, rowSecurity.declared.values());
  return {
    directory,
    roles: roles.declared,
    rowSecurity: { tables: rowSecurity.declared, schemas },
    grants: { ...grants.declared, schemas },
    findings: [
      ...findings,
      ...unknown.map((statement) =>
        mistake(
          statement,
          "unsupported-statement",
          `${statement.kind.replace(/Stmt$/, "")} is nothing that policies/ can declare`,
          "roles, rights and row security belong here; anything else is a migration",
        ),
      ),
      ...roles.findings,
      ...rowSecurity.findings,
      ...grants.findings,
    ],
  };
}

/** True when there is nothing to bring about. */
export function isEmpty({ roles, rowSecurity, grants, findings }: Policies): boolean {
  return (
    roles.roles.size + roles.settings.length + roles.memberships.length === 0 &&
    rowSecurity.tables.size === 0 &&
    grants.grants.length + grants.defaults.length === 0 &&
    findings.length === 0
  );
}

function namedSchemas(
  { grants, defaults }: DeclaredGrants,
  tables: Iterable<{ readonly schema: string }>,
): Set<string> {
  return new Set([
    ...grants.flatMap(({ targets }) =>
      targets.flatMap((target) => {
        if (target.kind === "schema") return [target.name];
        return target.kind === "relation" || target.kind === "all" ? [target.schema] : [];
      }),
    ),
    ...defaults.flatMap(({ schemas }) => schemas),
    ...[...tables].map(({ schema }) => schema),
  ]);
}
