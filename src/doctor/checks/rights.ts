import { ident } from "../../db/identifier.ts";
import type { Finding } from "../../findings.ts";
import type { Check, CheckContext } from "../check.ts";
import readRights from "./rights.sql";

interface Rights {
  readonly roleExists: boolean;
  readonly canBeSet: boolean;
  readonly roleCreatesSchemas: boolean;
  readonly createsSchemas: boolean;
  readonly databaseOwner: string;
  readonly schemaExists: boolean;
  readonly schemaOwner: string | null;
  readonly createsInSchema: boolean;
  /** A table with the ledger's columns is there: nothing has to be created any more. */
  readonly hasLedger: boolean;
}

export const rights: Check = {
  title: "rights to migrate",
  async look(session, context) {
    const { migrationsRole, ledgerSchema } = context;
    const rights = await session.one<Rights>(readRights, [migrationsRole ?? null, ledgerSchema]);
    return [
      ...(migrationsRole === undefined ? [] : judgeRole(rights, migrationsRole, context)),
      ...judgeLedger(rights, context),
    ];
  },
};

function judgeRole(rights: Rights, name: string, { server, facts }: CheckContext): Finding[] {
  const role = ident(name);
  const { isSuperuser, canCreateRoles } = facts.role;
  const me = ident(facts.role.sessionRole);
  if (!rights.roleExists) {
    if (isSuperuser || canCreateRoles) {
      return [
        {
          rule: "doctor/role-missing",
          severity: "info",
          message: `the migrations role ${role} does not exist yet: the first \`pgwright migrate\` creates it`,
          object: role,
        },
      ];
    }
    return [
      {
        rule: "doctor/role-missing",
        severity: "warning",
        message: `the migrations role ${role} does not exist, and ${me} may not create it`,
        object: role,
        hint: `let a superuser run \`CREATE ROLE ${role} NOLOGIN BYPASSRLS;\` \`${grantRole(role, me, server.versionNumber)}\` \`GRANT CREATE ON DATABASE ${ident(server.database)} TO ${role};\``,
      },
    ];
  }
  const findings: Finding[] = [];
  if (!rights.canBeSet) {
    findings.push({
      rule: "doctor/role-not-settable",
      severity: "warning",
      message: `${me} may not SET ROLE to the migrations role ${role}: this connection cannot migrate`,
      object: role,
      hint: `let a superuser run \`${grantRole(role, me, server.versionNumber)}\`, or connect as a role that migrates`,
    });
  }
  if (!rights.roleCreatesSchemas && !isSuperuser) {
    findings.push({
      rule: "doctor/role-no-schemas",
      severity: "warning",
      message: `the migrations role ${role} may not create schemas in this database`,
      object: role,
      hint: `as ${rights.databaseOwner}: \`GRANT CREATE ON DATABASE ${ident(server.database)} TO ${role};\``,
    });
  }
  return findings;
}

function judgeLedger(rights: Rights, { server, ledgerSchema }: CheckContext): Finding[] {
  const schema = ident(ledgerSchema);
  const me = ident(server.role);
  if (!rights.schemaExists) {
    if (rights.createsSchemas) return [];
    return [
      {
        rule: "doctor/ledger-denied",
        severity: "warning",
        message: `${me} may not create the ledger's schema ${schema}`,
        object: schema,
        hint: `as ${rights.databaseOwner}: \`CREATE SCHEMA ${schema} AUTHORIZATION ${me};\``,
      },
    ];
  }
  if (rights.createsInSchema || rights.hasLedger) return [];
  return [
    {
      rule: "doctor/ledger-denied",
      severity: "warning",
      message: `${me} may not create the ledger in schema ${schema}: the first \`pgwright migrate\` would fail`,
      object: schema,
      hint: `as ${rights.schemaOwner}: \`GRANT CREATE ON SCHEMA ${schema} TO ${me};\``,
    },
  ];
}

/** Since 16 whoever creates a role gets ADMIN OPTION without SET, so SET is asked for by name. */
function grantRole(role: string, member: string, versionNumber: number): string {
  const options = versionNumber >= 160_000 ? " WITH INHERIT TRUE, SET TRUE" : "";
  return `GRANT ${role} TO ${member}${options};`;
}
