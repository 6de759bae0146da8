/** GRANT, REVOKE and ALTER DEFAULT PRIVILEGES of `policies/`, read but not yet resolved. */
import { ident, splitName } from "../../db/identifier.ts";
import { scanTokens } from "../../db/script.ts";
import type { Token, Tree } from "../../db/script.ts";
import { allOf, as, stringsOf } from "../../db/tree.ts";
import type { Finding } from "../../findings.ts";
import { connectedDatabase, nameOf } from "../roles/declared.ts";
import { mistake } from "../statement.ts";
import type { PolicyStatement } from "../statement.ts";

export type ObjectKind = "database" | "schema" | "table" | "sequence" | "function" | "procedure";

/** What a statement is about. */
export type Target =
  | { readonly kind: "database" }
  | { readonly kind: "schema"; readonly name: string }
  /** A table, view or sequence by its name. */
  | { readonly kind: "relation"; readonly schema: string; readonly name: string }
  /** A function as written, for to_regprocedure(). */
  | { readonly kind: "routine"; readonly signature: string }
  /** ALL … IN SCHEMA. */
  | { readonly kind: "all"; readonly of: readonly ObjectKind[]; readonly schema: string };

export interface Change {
  readonly isGrant: boolean;
  /** Undefined is ALL. */
  readonly privileges:
    | readonly { readonly name: string; readonly columns: readonly string[] }[]
    | undefined;
  /** Null is PUBLIC. */
  readonly grantees: readonly (string | null)[];
  /** WITH GRANT OPTION, or GRANT OPTION FOR. */
  readonly withOption: boolean;
}

export interface GrantStatement extends Change {
  readonly targets: readonly Target[];
  readonly statement: PolicyStatement;
}

/** Plural, as the statement has it: TABLES, SEQUENCES, FUNCTIONS, TYPES, SCHEMAS. */
export type DefaultKind = "TABLES" | "SEQUENCES" | "FUNCTIONS" | "TYPES" | "SCHEMAS";

export interface DefaultStatement extends Change {
  /** Empty is the role that owns what migrations create. */
  readonly roles: readonly string[];
  /** Empty is everywhere. */
  readonly schemas: readonly string[];
  readonly kind: DefaultKind;
  readonly statement: PolicyStatement;
}

export interface DeclaredGrants {
  readonly grants: readonly GrantStatement[];
  readonly defaults: readonly DefaultStatement[];
}

const defaultKinds: Readonly<Record<string, DefaultKind>> = {
  OBJECT_TABLE: "TABLES",
  OBJECT_SEQUENCE: "SEQUENCES",
  OBJECT_FUNCTION: "FUNCTIONS",
  OBJECT_TYPE: "TYPES",
  OBJECT_SCHEMA: "SCHEMAS",
};

const allKinds: Readonly<Record<string, readonly ObjectKind[]>> = {
  OBJECT_TABLE: ["table"],
  OBJECT_SEQUENCE: ["sequence"],
  OBJECT_FUNCTION: ["function"],
  OBJECT_PROCEDURE: ["procedure"],
  OBJECT_ROUTINE: ["function", "procedure"],
};

/** True for the statements that `declareGrants` reads. */
export function isAboutGrants({ kind }: PolicyStatement): boolean {
  return kind === "GrantStmt" || kind === "AlterDefaultPrivilegesStmt";
}

export function declareGrants(statements: readonly PolicyStatement[]): {
  declared: DeclaredGrants;
  findings: Finding[];
} {
  const grants: GrantStatement[] = [];
  const defaults: DefaultStatement[] = [];
  const findings: Finding[] = [];
  for (const statement of statements) {
    const grant = as(statement.node, "GrantStmt");
    const byDefault = as(statement.node, "AlterDefaultPrivilegesStmt");
    if (byDefault?.action) {
      const kind = defaultKinds[byDefault.action.objtype ?? ""];
      const read = readDefault(byDefault);
      const system = read.schemas.find(isSystemSchema);
      if (!kind) findings.push(unsupported(statement));
      else if (system !== undefined) findings.push(ofTheSystem(statement, system));
      else defaults.push({ ...read, kind, statement });
    } else if (grant) {
      const targets = readTargets(statement, grant);
      const system = targets?.map(schemaOf).find(isSystemSchema);
      if (system !== undefined) findings.push(ofTheSystem(statement, system));
      else if (targets) grants.push({ ...readChange(grant), targets, statement });
      else findings.push(unsupported(statement));
    }
  }
  return { declared: { grants, defaults }, findings };
}

function unsupported(statement: PolicyStatement): Finding {
  return mistake(
    statement,
    "unsupported-statement",
    "rights on this kind of object cannot be declared",
    `declare those on ${connectedDatabase}, schemas, tables, columns, sequences and functions; grant others in a migration`,
  );
}

/** The schema that a statement is about; undefined for the database, and for a function whose name is none. */
export function schemaOf(target: Target): string | undefined {
  switch (target.kind) {
    case "database":
      return undefined;
    case "schema":
      return target.name;
    case "relation":
    case "all":
      return target.schema;
    case "routine": {
      const name = splitName(/^(?:"(?:[^"]|"")*"|[^("])*/.exec(target.signature)?.[0].trim() ?? "");
      return name && (name.length > 1 ? name.at(-2) : "public");
    }
  }
}

/**
 * PostgreSQL's own: managing them would mean to take from everybody, with `--prune`, whatever initdb
 * has given.
 */
export function isSystemSchema(schema: string | undefined): boolean {
  return schema === "information_schema" || schema?.startsWith("pg_") === true;
}

export function ofTheSystem(statement: PolicyStatement, schema: string): Finding {
  return mistake(
    statement,
    "system-schema",
    `${ident(schema)} is PostgreSQL's own: what belongs to it cannot be declared`,
    "grant that in a migration, and acknowledge policies/outside-right in policies/lint.yaml",
  );
}

function readChange(grant: Tree.GrantStmt): Change {
  const privileges = allOf(grant.privileges, "AccessPriv").map(({ priv_name, cols }) => ({
    name: (priv_name ?? "").toUpperCase().replace(/^TEMP$/, "TEMPORARY"),
    columns: stringsOf(cols),
  }));
  return {
    isGrant: grant.is_grant === true,
    privileges: privileges.length === 0 ? undefined : privileges,
    grantees: allOf(grant.grantees, "RoleSpec").map((role) =>
      role.roletype === "ROLESPEC_PUBLIC" ? null : nameOf(role),
    ),
    withOption: grant.grant_option === true,
  };
}

function readDefault({
  options,
  action,
}: Tree.AlterDefaultPrivilegesStmt): Change & Pick<DefaultStatement, "roles" | "schemas"> {
  const items = (wanted: string) =>
    allOf(options, "DefElem")
      .filter(({ defname }) => defname === wanted)
      .flatMap(({ arg }) => as(arg, "List")?.items ?? []);
  return {
    ...readChange(action ?? {}),
    roles: allOf(items("roles"), "RoleSpec").map(nameOf),
    schemas: stringsOf(items("schemas")),
  };
}

function readTargets(statement: PolicyStatement, grant: Tree.GrantStmt): Target[] | undefined {
  const { objtype, objects } = grant;
  if (grant.targtype === "ACL_TARGET_ALL_IN_SCHEMA") {
    const of = allKinds[objtype ?? ""];
    return of && stringsOf(objects).map((schema) => ({ kind: "all", of, schema }));
  }
  switch (objtype) {
    case "OBJECT_DATABASE":
      return stringsOf(objects).every((name) => name === connectedDatabase)
        ? [{ kind: "database" }]
        : undefined;
    case "OBJECT_SCHEMA":
      return stringsOf(objects).map((name) => ({ kind: "schema", name }));
    case "OBJECT_TABLE":
    case "OBJECT_SEQUENCE":
      return allOf(objects, "RangeVar").map(({ schemaname, relname }) => ({
        kind: "relation",
        schema: schemaname || "public",
        name: relname ?? "",
      }));
    case "OBJECT_FUNCTION":
    case "OBJECT_PROCEDURE":
    case "OBJECT_ROUTINE":
      return readSignatures(statement.text).map((signature) => ({ kind: "routine", signature }));
    default:
      return undefined;
  }
}

/** The functions between ON FUNCTION and TO or FROM, as written. */
function readSignatures(text: string): string[] {
  const bytes = Buffer.from(text);
  const tokens = scanTokens(text);
  const on = tokens.findIndex(({ text: word }) => word.toLowerCase() === "on");
  const found: string[] = [];
  let depth = 0;
  let first: Token | undefined;
  let last: Token | undefined;
  const close = () => {
    if (first && last) found.push(bytes.toString("utf8", first.start, last.end));
    first = undefined;
  };
  for (const token of tokens.slice(on + 2)) {
    const word = token.text.toLowerCase();
    if (depth === 0 && (word === "to" || word === "from")) break;
    if (depth === 0 && word === ",") {
      close();
      continue;
    }
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    first ??= token;
    last = token;
  }
  close();
  return found;
}
