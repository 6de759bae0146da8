/** What the declared statements mean for the objects that are there. */
import { ident, qualified } from "../../db/identifier.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { mistake } from "../statement.ts";
import type { PolicyStatement } from "../statement.ts";
import type {
  Change,
  DeclaredGrants,
  DefaultKind,
  DefaultStatement,
  GrantStatement,
  ObjectKind,
} from "./declared.ts";
import { describeLeftOut } from "./log.ts";
import { findRoutines, noSuchObject, ObjectIndex } from "./object-index.ts";
import { targetSql } from "./object-name.ts";
import type { Entry } from "./rights.ts";
import { Rights } from "./rights.ts";

export interface ObjectRow {
  readonly kind: ObjectKind | "column";
  readonly oid: string;
  readonly schema: string | null;
  readonly name: string;
  /** Of a function, as pg_get_function_identity_arguments() has them. */
  readonly arguments: string | null;
  readonly column: string | null;
  readonly owner: string;
  readonly isLeaf: boolean;
  /** The audit log or a column of it. */
  readonly isLog?: boolean;
  readonly root: string;
  /** What ALL means for this kind of object on this server. */
  readonly everything: readonly string[];
  readonly present: readonly (Entry & { readonly grantor: string })[];
}

export interface ResolvedObject {
  readonly row: ObjectRow;
  readonly rights: Rights;
  /** The last statement that had a word about it. */
  statement: PolicyStatement | undefined;
  /** A statement names a column that is not there: it may have been renamed, with its rights. */
  hasUnknownColumn: boolean;
}

/** The default rights that are declared for one role, schema and kind of object. */
export interface ResolvedDefault {
  readonly role: string;
  readonly schema: string | undefined;
  readonly kind: DefaultKind;
  readonly rights: Rights;
  readonly statement: PolicyStatement;
}

const defaultPrivileges: Readonly<Record<DefaultKind, readonly string[]>> = {
  TABLES: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
  SEQUENCES: ["SELECT", "UPDATE", "USAGE"],
  FUNCTIONS: ["EXECUTE"],
  TYPES: ["USAGE"],
  SCHEMAS: ["USAGE", "CREATE"],
};

/** Default rights first, as they are what an object begins with; then the statements in order. */
export async function resolveGrants(
  session: Session,
  declared: DeclaredGrants,
  rows: readonly ObjectRow[],
  ownerRole: string,
): Promise<{ objects: ResolvedObject[]; defaults: ResolvedDefault[]; findings: Finding[] }> {
  const findings: Finding[] = [];
  const defaults = resolveDefaults(declared.defaults, ownerRole, session.server.versionNumber);
  const objects = rows.map((row): ResolvedObject => begin(row, defaults));
  const index = new ObjectIndex(objects);
  const routines = await findRoutines(session, declared.grants);
  for (const grant of declared.grants) {
    for (const target of grant.targets) {
      let found = index.find(target, routines);
      const log = found?.find(({ row }) => row.isLog);
      if (log && target.kind === "all" && grant.isGrant) {
        found = found?.filter((object) => object !== log);
        findings.push(describeLeftOut(grant.statement, log));
      }
      if (found) for (const object of found) applyChange(object, grant, index, findings);
      else findings.push(await noSuchObject(session, grant.statement, target, routines));
    }
  }
  return { objects, defaults, findings };
}

function resolveDefaults(
  statements: readonly DefaultStatement[],
  ownerRole: string,
  versionNumber: number,
): ResolvedDefault[] {
  const found = new Map<string, ResolvedDefault>();
  for (const change of statements) {
    const { kind, statement } = change;
    for (const role of change.roles.length === 0 ? [ownerRole] : change.roles) {
      for (const schema of change.schemas.length === 0 ? [undefined] : change.schemas) {
        const key = JSON.stringify([role, schema, kind]);
        const entry = found.get(key) ?? { role, schema, kind, rights: new Rights(), statement };
        const all = [
          ...defaultPrivileges[kind],
          ...(kind === "TABLES" && versionNumber >= 170000 ? ["MAINTAIN"] : []),
        ];
        changeRights(entry.rights, change, all);
        found.set(key, entry);
      }
    }
  }
  return [...found.values()];
}

/** A fresh object has the default rights of its creator; a partition has none at all. */
function begin(row: ObjectRow, defaults: readonly ResolvedDefault[]): ResolvedObject {
  const kind: DefaultKind | undefined = {
    database: undefined,
    schema: "SCHEMAS" as const,
    table: "TABLES" as const,
    column: undefined,
    sequence: "SEQUENCES" as const,
    function: "FUNCTIONS" as const,
    procedure: "FUNCTIONS" as const,
  }[row.kind];
  const rights = new Rights();
  let statement: PolicyStatement | undefined;
  const own = defaults.filter((one) => one.kind === kind && one.role === row.owner);
  // Those without a schema first: the ones of the schema are added to them.
  for (const schema of [undefined, row.schema ?? row.name]) {
    for (const one of own.filter((entry) => entry.schema === schema)) {
      statement = one.statement;
      for (const { grantee, privilege, isGrantable } of row.isLeaf || row.isLog
        ? []
        : one.rights.required()) {
        if (grantee !== row.owner) rights.grant(grantee, [privilege], isGrantable);
      }
      for (const { grantee, privilege } of row.present) {
        if (one.rights.isRevoked(grantee, privilege)) rights.revoke(grantee, [privilege], false);
      }
    }
  }
  return { row, rights, statement, hasUnknownColumn: false };
}

function changeRights(rights: Rights, change: Change, everything: readonly string[]): void {
  const privileges = change.privileges?.map(({ name }) => name) ?? everything;
  for (const grantee of change.grantees) {
    if (change.isGrant) rights.grant(grantee, privileges, change.withOption);
    else rights.revoke(grantee, privileges, change.withOption);
  }
}

function applyChange(
  object: ResolvedObject,
  change: GrantStatement,
  index: ObjectIndex,
  findings: Finding[],
): void {
  const { row, rights } = object;
  object.statement = change.statement;
  const grantees = change.grantees.filter((grantee) => grantee !== row.owner);
  const ofObject = change.privileges?.filter(({ columns }) => columns.length === 0);
  const known = ofObject?.filter(({ name }) => row.everything.includes(name));
  // MAINTAIN came with 17, so that files for 15 to 18 may name it; whatever else is unknown is wrong.
  for (const { name } of ofObject ?? []) {
    if (row.everything.includes(name) || name === "MAINTAIN" || name === "ALL") continue;
    findings.push(
      mistake(change.statement, "unknown-right", `there is no right ${name} on ${targetSql(row)}`),
    );
  }
  const own = { ...change, grantees, privileges: ofObject === undefined ? undefined : known };
  if (own.privileges === undefined || own.privileges.length > 0) {
    changeRights(rights, own, row.everything);
    // As in PostgreSQL: a right taken from the table is taken from its columns.
    if (!change.isGrant && row.kind === "table") {
      for (const column of index.columnsOf(row)) changeRights(column.rights, own, row.everything);
    }
  }
  for (const { name, columns } of change.privileges ?? []) {
    for (const column of columns) {
      const found = index.columnsOf(row).find(({ row: one }) => one.column === column);
      if (found) {
        found.statement = change.statement;
        changeRights(
          found.rights,
          { ...change, grantees, privileges: [{ name, columns: [] }] },
          [],
        );
      } else {
        object.hasUnknownColumn = true;
        findings.push({
          ...mistake(
            change.statement,
            "unknown-column",
            `${targetSql(row)} has no column ${ident(column)}`,
          ),
          object: qualified(row.schema ?? "", row.name),
        });
      }
    }
  }
}
