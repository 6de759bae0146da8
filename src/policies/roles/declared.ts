/** What roles.sql declares of roles: attributes, memberships, settings, comments. */
import { ident } from "../../db/identifier.ts";
import type { Tree } from "../../db/script.ts";
import { allOf, as } from "../../db/tree.ts";
import type { Location } from "../../errors.ts";
import type { Finding } from "../../findings.ts";
import { mistake } from "../statement.ts";
import { settingValue } from "./setting.ts";
import type { PolicyStatement } from "../statement.ts";

/** Attributes of CREATE ROLE, as pg_roles has them. */
export interface RoleAttributes {
  readonly superuser: boolean;
  readonly inherit: boolean;
  readonly createrole: boolean;
  readonly createdb: boolean;
  readonly login: boolean;
  readonly replication: boolean;
  readonly bypassrls: boolean;
  readonly connectionLimit: number;
}

export interface DeclaredRole {
  readonly name: string;
  readonly attributes: RoleAttributes;
  readonly comment: string | undefined;
  readonly at: Location;
}

export interface DeclaredMembership {
  /** The role that is granted. */
  readonly role: string;
  readonly member: string;
  readonly admin: boolean;
  /** Options of PostgreSQL 16 and later; undefined leaves the server's standard. */
  readonly inherit: boolean | undefined;
  readonly set: boolean | undefined;
  readonly at: Location;
  readonly statement: PolicyStatement;
}

export interface DeclaredSetting {
  /** Undefined: of the database itself. */
  readonly role: string | undefined;
  /** In the connected database only, else in all. */
  readonly isInDatabase: boolean;
  readonly name: string;
  readonly value: string;
  readonly at: Location;
  readonly statement: PolicyStatement;
}

export interface DeclaredRoles {
  readonly roles: ReadonlyMap<string, DeclaredRole>;
  readonly memberships: readonly DeclaredMembership[];
  readonly settings: readonly DeclaredSetting[];
}

/** Stands for the connected database where SQL wants the name of one. */
export const connectedDatabase = "current_database";

const defaults: RoleAttributes = {
  superuser: false,
  inherit: true,
  createrole: false,
  createdb: false,
  login: false,
  replication: false,
  bypassrls: false,
  connectionLimit: -1,
};

const attributeNames: Readonly<Record<string, keyof RoleAttributes>> = {
  superuser: "superuser",
  inherit: "inherit",
  createrole: "createrole",
  createdb: "createdb",
  canlogin: "login",
  isreplication: "replication",
  bypassrls: "bypassrls",
  connectionlimit: "connectionLimit",
};

const statementKinds = new Set([
  "CreateRoleStmt",
  "AlterRoleStmt",
  "GrantRoleStmt",
  "AlterRoleSetStmt",
  "AlterDatabaseSetStmt",
]);

/** True for the statements that `declareRoles` reads. */
export function isAboutRoles({ kind, node }: PolicyStatement): boolean {
  return statementKinds.has(kind) || as(node, "CommentStmt")?.objtype === "OBJECT_ROLE";
}

/** Reads the statements in order; a later one goes on from what the earlier ones said. */
export function declareRoles(statements: readonly PolicyStatement[]): {
  declared: DeclaredRoles;
  findings: Finding[];
} {
  const roles = new Map<string, DeclaredRole>();
  const memberships = new Map<string, DeclaredMembership>();
  const settings = new Map<string, DeclaredSetting>();
  const findings: Finding[] = [];
  for (const statement of statements) {
    const { node, at } = statement;
    const create = as(node, "CreateRoleStmt");
    const alter = as(node, "AlterRoleStmt");
    if (create ?? alter) {
      declareRole(statement, create, alter, roles, memberships, findings);
      continue;
    }
    const grant = as(node, "GrantRoleStmt");
    if (grant) {
      for (const role of allOf(grant.granted_roles, "AccessPriv")) {
        for (const member of allOf(grant.grantee_roles, "RoleSpec")) {
          declareMembership(statement, grant, role.priv_name ?? "", nameOf(member), memberships);
        }
      }
      continue;
    }
    const comment = as(node, "CommentStmt");
    if (comment) {
      const name = as(comment.object, "String")?.sval ?? "";
      const role = roles.get(name);
      if (role) roles.set(name, { ...role, comment: comment.comment });
      else findings.push(undeclared(statement, name));
      continue;
    }
    const ofRole = as(node, "AlterRoleSetStmt");
    const ofDatabase = as(node, "AlterDatabaseSetStmt");
    const database = ofRole?.database ?? ofDatabase?.dbname;
    if (database !== undefined && database !== "" && database !== connectedDatabase) {
      findings.push(
        mistake(
          statement,
          "other-database",
          `names the database ${database}; policies hold for whichever database is connected`,
          `write ${connectedDatabase} in place of its name`,
        ),
      );
      continue;
    }
    const set = ofRole?.setstmt ?? ofDatabase?.setstmt;
    const value = set && settingValue(set);
    if (!set || value === undefined) {
      findings.push(
        mistake(
          statement,
          "unsupported-statement",
          "only SET name = value can be declared here",
          "name the value; what is not declared for a declared role is taken away with --prune",
        ),
      );
      continue;
    }
    const role = ofRole?.role === undefined ? undefined : nameOf(ofRole.role);
    const isInDatabase = database !== undefined && database !== "";
    const name = set.name ?? "";
    settings.set(JSON.stringify([role, isInDatabase, name]), {
      role,
      isInDatabase,
      name,
      value,
      at,
      statement,
    });
  }
  return {
    declared: { roles, memberships: [...memberships.values()], settings: [...settings.values()] },
    findings,
  };
}

function declareRole(
  statement: PolicyStatement,
  create: Tree.CreateRoleStmt | undefined,
  alter: Tree.AlterRoleStmt | undefined,
  roles: Map<string, DeclaredRole>,
  memberships: Map<string, DeclaredMembership>,
  findings: Finding[],
): void {
  const name = create?.role ?? nameOf(alter?.role);
  const before = roles.get(name);
  if (create && before) {
    findings.push(mistake(statement, "declared-twice", `role ${ident(name)} is created twice`));
    return;
  }
  if (alter && !before) {
    findings.push(undeclared(statement, name));
    return;
  }
  if (name.startsWith("pg_")) {
    findings.push(
      mistake(statement, "reserved-role", `role ${ident(name)}: names with pg_ are PostgreSQL's`),
    );
    return;
  }
  const attributes: Record<string, boolean | number> = {
    ...(before?.attributes ?? defaults),
    // CREATE USER is CREATE ROLE LOGIN.
    ...(create?.stmt_type === "ROLESTMT_USER" ? { login: true } : {}),
  };
  for (const { defname, arg } of allOf(create?.options ?? alter?.options, "DefElem")) {
    const attribute = attributeNames[defname ?? ""];
    if (attribute === "connectionLimit") {
      attributes[attribute] = as(arg, "Integer")?.ival ?? 0;
    } else if (attribute !== undefined) {
      attributes[attribute] = as(arg, "Boolean")?.boolval ?? false;
    } else if (["addroleto", "rolemembers", "adminmembers"].includes(defname ?? "")) {
      for (const other of allOf(as(arg, "List")?.items, "RoleSpec")) {
        const [role, member] =
          defname === "addroleto" ? [nameOf(other), name] : [name, nameOf(other)];
        const { at } = statement;
        const admin = defname === "adminmembers";
        memberships.set(JSON.stringify([role, member]), {
          role,
          member,
          admin,
          inherit: undefined,
          set: undefined,
          at,
          statement,
        });
      }
    } else if (defname === "password") {
      findings.push(
        mistake(
          statement,
          "password",
          `role ${ident(name)}: a password does not belong in a file under version control`,
          `leave it out and set it by hand once: \\password ${ident(name)} in psql`,
        ),
      );
    } else {
      findings.push(
        mistake(
          statement,
          "unsupported-statement",
          `role ${ident(name)}: ${(defname ?? "").toUpperCase()} cannot be declared`,
        ),
      );
    }
  }
  roles.set(name, {
    name,
    attributes: attributes as unknown as RoleAttributes,
    comment: before?.comment,
    at: before?.at ?? statement.at,
  });
}

function undeclared(statement: PolicyStatement, name: string) {
  return mistake(
    statement,
    "unknown-role",
    `role ${ident(name)} is not declared above`,
    `write CREATE ROLE ${ident(name)} … first, also for a role that exists already`,
  );
}

function declareMembership(
  statement: PolicyStatement,
  grant: Tree.GrantRoleStmt,
  role: string,
  member: string,
  memberships: Map<string, DeclaredMembership>,
): void {
  const key = JSON.stringify([role, member]);
  const option = (name: string): boolean | undefined => {
    const found = allOf(grant.opt, "DefElem").findLast(({ defname }) => defname === name);
    return found && (as(found.arg, "Boolean")?.boolval ?? false);
  };
  const before = memberships.get(key);
  if (grant.is_grant !== true) {
    // REVOKE ADMIN OPTION FOR takes the option only.
    if (allOf(grant.opt, "DefElem").length === 0) memberships.delete(key);
    else if (before && option("admin") === false) {
      memberships.set(key, { ...before, admin: false });
    }
    return;
  }
  memberships.set(key, {
    role,
    member,
    admin: option("admin") ?? before?.admin ?? false,
    inherit: option("inherit") ?? before?.inherit,
    set: option("set") ?? before?.set,
    at: statement.at,
    statement,
  });
}

/** A role by its name; the connected one by CURRENT_USER and its kin is none that can be declared. */
export function nameOf(role: Tree.RoleSpec | undefined): string {
  return role?.rolename ?? "";
}
