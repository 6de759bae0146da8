/** Everything that `policies/` declares, read from its files. */
import { stat } from "node:fs/promises";
import { PgwrightError } from "../errors.ts";
import type { Finding } from "../findings.ts";
import type { DeclaredAudit } from "./audit/read.ts";
import { auditPart } from "./audit/part.ts";
import type { DeclaredAccess } from "./grants/plan.ts";
import { declareGrants, isAboutGrants, schemaOf } from "./grants/declared.ts";
import type { DeclaredGrants } from "./grants/declared.ts";
import type { DeclaredPartitions } from "./partitions/declared.ts";
import { partitionsPart } from "./partitions/part.ts";
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
  /** Undefined where there is no such file. */
  readonly audit: DeclaredAudit | undefined;
  readonly partitions: DeclaredPartitions | undefined;
  /** Mistakes in the files. With an error among them nothing may be applied. */
  readonly findings: readonly Finding[];
}

/**
 * A wrong `policies.directory` must not look like a project in which nothing is declared.
 *
 * @throws PgwrightError `policies-unreadable` where there is no such directory.
 */
export async function requireDirectory(directory: string): Promise<void> {
  const found = await stat(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (found?.isDirectory()) return;
  throw new PgwrightError("policies-unreadable", `there is no directory ${directory}`, {
    hint: "write policies/roles.sql, or name the directory as `policies.directory` in pgwright.yaml",
  });
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
  const audit = await auditPart.read(directory);
  const partitions = await partitionsPart.read(directory);
  const schemas = namedSchemas(grants.declared, rowSecurity.declared.values());
  return {
    directory,
    roles: roles.declared,
    rowSecurity: { tables: rowSecurity.declared, schemas },
    grants: {
      ...grants.declared,
      schemas,
      log: audit.declared && {
        name: audit.declared.file.log,
        tables: Object.keys(audit.declared.file.tables),
      },
    },
    audit: audit.declared,
    partitions: partitions.declared,
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
      ...audit.findings,
      ...partitions.findings,
    ],
  };
}

/** True when there is nothing to bring about. */
export function isEmpty(policies: Policies): boolean {
  const { roles, rowSecurity, grants, audit, partitions, findings } = policies;
  return (
    audit === undefined &&
    partitions === undefined &&
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
    ...grants.flatMap(({ targets }) => targets.flatMap((target) => schemaOf(target) ?? [])),
    ...defaults.flatMap(({ schemas }) => schemas),
    ...[...tables].map(({ schema }) => schema),
  ]);
}
