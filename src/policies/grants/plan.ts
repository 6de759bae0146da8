/** What must be done so that exactly the declared rights are there. */
import { ident, qualified } from "../../db/identifier.ts";
import type { PartPlan, PlanContext, PolicyStep } from "../step.ts";
import type { DeclaredGrants } from "./declared.ts";
import { granteeSql, groupBy, isSame } from "./entries.ts";
import listObjects from "./objects.sql";
import { nameSql, targetSql } from "./object-name.ts";
import { findForeignOwners } from "./owners.ts";
import { planDefaults } from "./plan-defaults.ts";
import type { ObjectRow, ResolvedObject } from "./resolve.ts";
import { resolveGrants } from "./resolve.ts";
import type { Entry } from "./rights.ts";

export interface DeclaredAccess extends DeclaredGrants {
  /** Schemas that are held against the files: those that any statement of `policies/` names. */
  readonly schemas: ReadonlySet<string>;
}

type Draft = Pick<PolicyStep, "sql" | "why" | "extra" | "at" | "role">;

export async function planGrants(
  declared: DeclaredAccess,
  context: PlanContext,
): Promise<PartPlan> {
  const { session, only } = context;
  const ownerRole = context.ownerRole ?? session.server.role;
  const rows = (
    await session.query<ObjectRow>(listObjects, [JSON.stringify([...declared.schemas])])
  ).filter((row) => isManaged(row, declared, context));
  const { objects, defaults, findings } = await resolveGrants(session, declared, rows, ownerRole);
  const chosen = objects.filter(
    ({ row }) => only === undefined || (isRelation(row) && only.has(Number(row.root))),
  );
  // A table and its columns together, so that one statement can name them.
  const steps = groupBy(chosen, ({ row }) => JSON.stringify([targetSql(row)])).flatMap((group) => {
    const row = group[0]?.row;
    return row ? planObject(row, group, context).map((draft) => asStep(row, draft, rows)) : [];
  });
  if (only !== undefined) {
    const touched = new Set(chosen.map(({ row }) => qualified(row.schema ?? "", row.name)));
    const about = findings.filter(({ object }) => object !== undefined && touched.has(object));
    return { steps, findings: about };
  }
  return {
    steps: [...steps, ...(await planDefaults(context, declared, defaults))],
    findings: [...findings, ...findForeignOwners(rows, context.ownerRole)],
  };
}

function isManaged(row: ObjectRow, declared: DeclaredAccess, { ledger }: PlanContext): boolean {
  if (row.kind === "database") {
    return declared.grants.some(({ targets }) => targets.some(({ kind }) => kind === "database"));
  }
  return !(
    row.schema === ledger.schema &&
    [ledger.table, `${ledger.table}_log`, `${ledger.table}_log_id_seq`].includes(row.name)
  );
}

function isRelation({ kind }: ObjectRow): boolean {
  return kind === "table" || kind === "column" || kind === "sequence";
}

function asStep(row: ObjectRow, draft: Draft, rows: readonly ObjectRow[]): PolicyStep {
  const object = row.kind === "database" ? `database ${ident(row.name)}` : nameSql(row);
  const root = rows.find(({ oid, kind }) => oid === row.root && kind === "table");
  return {
    part: "grants",
    object,
    // None that blocks: none at all up to 17, ACCESS SHARE on 18.
    lock: null,
    scans: false,
    // With the rights of a table's rows, so that no role reaches a table before its policies hold.
    unit: root ? `table ${nameSql(root)}` : "grants",
    ...draft,
  };
}

/** An entry of an object or of one of its columns, with what the files say of it. */
interface Difference extends Entry {
  readonly column: string | null;
  readonly grantor: string;
}

function planObject(
  row: ObjectRow,
  group: readonly ResolvedObject[],
  context: PlanContext,
): Draft[] {
  const { absentRoles, only } = context;
  // In the middle of a migration: PostgreSQL has carried the right over to the column's new name.
  const keepsColumns = only !== undefined && group.some(({ hasUnknownColumn }) => hasUnknownColumn);
  const at = group.findLast(({ statement }) => statement)?.statement?.at;
  // A database may belong to another role than the one that works here.
  const role = row.kind === "database" ? null : row.owner;
  const missing: Difference[] = [];
  const extra: Difference[] = [];
  const revoked: Difference[] = [];
  const options: Difference[] = [];
  const heldOptions: Difference[] = [];
  for (const { row: one, rights } of group) {
    const { column } = one;
    for (const wanted of rights.required()) {
      if (wanted.grantee !== null && absentRoles?.has(wanted.grantee)) continue;
      const has = one.present.filter((entry) => isSame(entry, wanted));
      if (has.some(({ isGrantable }) => isGrantable || !wanted.isGrantable)) continue;
      missing.push({ ...wanted, column, grantor: row.owner });
    }
    for (const entry of one.present) {
      const wanted = rights.get(entry.grantee, entry.privilege);
      if (wanted) {
        if (entry.isGrantable && !wanted.isGrantable) {
          // While somebody holds a right by that option, it can only go together with theirs.
          const hasHeirs = one.present.some(({ grantor }) => grantor === entry.grantee);
          (hasHeirs ? heldOptions : options).push({ ...entry, column });
        }
      } else if (rights.isRevoked(entry.grantee, entry.privilege) || one.isLeaf) {
        if (keepsColumns && column !== null) continue;
        revoked.push({ ...entry, column });
      } else if (!isTakenForGranted(one, entry, context)) {
        // What PostgreSQL gives to PUBLIC by itself is an extra only where the files take it away.
        extra.push({ ...entry, column });
      }
    }
  }
  const change = (
    verb: "GRANT" | "REVOKE",
    differences: readonly Difference[],
    why: (who: string, what: string) => string,
    more: Pick<Draft, "extra"> & { readonly prefix?: string } = {},
  ): Draft[] =>
    sameForSeveral(differences).map(({ grantees, privileges, grantor, isGrantable }) => {
      const who = grantees.map(granteeSql).join(", ");
      const option = verb === "GRANT" && isGrantable ? " WITH GRANT OPTION" : "";
      const by = verb === "REVOKE" && grantor !== row.owner ? grantor : role;
      return {
        sql: `${verb} ${more.prefix ?? ""}${privileges} ON ${targetSql(row)} ${verb === "GRANT" ? "TO" : "FROM"} ${who}${option}`,
        why: why(who, privileges),
        role: by,
        at,
        ...(more.extra === undefined ? {} : { extra: more.extra }),
      };
    });
  return [
    ...change("REVOKE", extra, (who, what) => `${who}: ${what} is not declared`, {
      extra: "security",
    }),
    ...change("REVOKE", revoked, (who, what) =>
      row.isLeaf ? `${who}: ${what} on the partition by name` : `${who}: ${what} is revoked`,
    ),
    ...change("REVOKE", heldOptions, (who, what) => `${who} has granted ${what} on`, {
      prefix: "GRANT OPTION FOR ",
      extra: "security",
    }),
    ...change("REVOKE", options, (who, what) => `${who} may grant ${what} on`, {
      prefix: "GRANT OPTION FOR ",
    }),
    ...change("GRANT", missing, (who, what) => `${who}: no ${what}`),
  ];
}

/** One statement for all grantees that differ in the same rights; columns are listed per right. */
function sameForSeveral(differences: readonly Difference[]): {
  grantees: (string | null)[];
  privileges: string;
  grantor: string;
  isGrantable: boolean;
}[] {
  const perGrantee = groupBy(differences, ({ grantee, grantor, isGrantable }) =>
    JSON.stringify([grantee, grantor, isGrantable]),
  );
  const found = perGrantee.flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const privileges = groupBy(group, ({ privilege }) => privilege).map((same) => {
      const columns = same.flatMap(({ column }) => (column === null ? [] : [ident(column)]));
      const isWhole = same.some(({ column }) => column === null);
      const name = same[0]?.privilege ?? "";
      return isWhole ? name : `${name} (${columns.join(", ")})`;
    });
    return [{ ...first, privileges: privileges.join(", ") }];
  });
  return groupBy(found, ({ privileges, grantor, isGrantable }) =>
    JSON.stringify([privileges, grantor, isGrantable]),
  ).flatMap((same) => {
    const [first] = same;
    return first ? [{ ...first, grantees: same.map(({ grantee }) => grantee) }] : [];
  });
}

/** What nobody declares: PostgreSQL's own rights of PUBLIC, and that migrations create schemas. */
function isTakenForGranted(
  row: ObjectRow,
  { grantee, privilege }: Entry,
  { ownerRole }: PlanContext,
): boolean {
  const { kind, name } = row;
  if (grantee !== null) return (kind === "database" || kind === "schema") && grantee === ownerRole;
  if (kind === "database") return privilege === "CONNECT" || privilege === "TEMPORARY";
  // A new database lets everybody look up names in public.
  if (kind === "schema") return name === "public" && privilege === "USAGE";
  return (kind === "function" || kind === "procedure") && privilege === "EXECUTE";
}
