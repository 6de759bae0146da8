/** Who belongs to which role, grantor by grantor. */
import { ident } from "../../db/identifier.ts";
import type { PolicyStep } from "../step.ts";
import type { DeclaredMembership, DeclaredRoles } from "./declared.ts";

/** A row of pg_auth_members: since 16 there may be several for a pair, one for each grantor. */
export interface MembershipRow {
  readonly role: string;
  readonly member: string;
  readonly grantor: string | null;
  /** The bootstrap superuser, in whose name every superuser grants since 16. */
  readonly isByBootstrap: boolean;
  readonly admin: boolean;
  /** Null before 16. */
  readonly inherit: boolean | null;
  readonly set: boolean | null;
  readonly isCreatorsOwn: boolean;
}

export interface MembershipContext {
  readonly rows: readonly MembershipRow[];
  readonly me: { readonly name: string; readonly isSuperuser: boolean };
  /** 16 and later: INHERIT and SET, and a REVOKE that takes only what its own grantor gave. */
  readonly hasOptions: boolean;
}

type Draft = Pick<PolicyStep, "object" | "sql" | "why" | "extra" | "at">;

/** The option that a REVOKE takes, or the whole membership. */
type Part = "ADMIN" | "INHERIT" | "SET" | "ALL";

interface Removal {
  readonly row: MembershipRow;
  readonly part: Part;
  readonly why: string;
  extra: "security" | undefined;
  readonly at: Draft["at"];
}

/**
 * Missing memberships, and what takes away those that are not declared. REVOKE without GRANTED BY
 * takes only what the connected role (a superuser: the bootstrap superuser) has granted, and does
 * nothing but warn about the rest. What a member has passed on goes before its own, which PostgreSQL
 * would otherwise refuse (2BP01).
 */
export function planMemberships(
  { roles, memberships }: DeclaredRoles,
  context: MembershipContext,
): Draft[] {
  const { rows, me, hasOptions } = context;
  const isOwn = (row: MembershipRow) =>
    !hasOptions || (me.isSuperuser ? row.isByBootstrap : row.grantor === me.name);
  const rowsOf = (one: { readonly role: string; readonly member: string }) =>
    rows.filter(({ role, member }) => role === one.role && member === one.member);
  const grants: Draft[] = [];
  const removals: Removal[] = [];
  for (const written of memberships) {
    const all = rowsOf(written);
    // The administrator that creating a role makes is no member in any other sense.
    const present = all.filter(({ isCreatorsOwn }) => written.admin || !isCreatorsOwn);
    // What is not written is PostgreSQL's standard: SET, and INHERIT as the member's attribute says.
    const wanted = {
      ...written,
      inherit: written.inherit ?? roles.get(written.member)?.attributes.inherit ?? true,
      set: written.set ?? true,
    };
    const { role, member, at } = wanted;
    const object = `role ${ident(role)}`;
    if (present.length === 0) {
      grants.push({
        object,
        sql: grantSql(written, hasOptions),
        why: `${ident(member)} is no member`,
        at,
      });
      continue;
    }
    const differences = describeDifferences(wanted, present, hasOptions);
    if (differences.length === 0) continue;
    for (const row of present) {
      if (row.admin && !wanted.admin) {
        const why = `${ident(member)} may grant it on`;
        removals.push({ row, part: "ADMIN", why, extra: undefined, at });
      }
      if (!hasOptions || isOwn(row)) continue;
      for (const [part, has, may] of [
        ["INHERIT", row.inherit, wanted.inherit],
        ["SET", row.set, wanted.set],
      ] as const) {
        if (has !== true || may) continue;
        const why = `${ident(member)} is a member, but ${part} is true by ${ident(row.grantor ?? "")}`;
        removals.push({ row, part, why, extra: undefined, at });
      }
    }
    const lacks = (key: "admin" | "inherit" | "set") =>
      wanted[key] && !present.some((row) => row[key] === true);
    // GRANT can lower the connected role's own row, except for the admin option.
    const lowers = present
      .filter(isOwn)
      .some((row) => (row.inherit && !wanted.inherit) || (row.set && !wanted.set));
    if (lacks("admin") || (hasOptions && (lowers || lacks("inherit") || lacks("set")))) {
      const why = `${ident(member)} is a member, but ${differences.join(" and ")}`;
      grants.push({ object, sql: grantSql(wanted, hasOptions), why, at });
    }
  }
  const isDeclared = (row: MembershipRow) =>
    memberships.some(({ role, member }) => role === row.role && member === row.member);
  for (const row of rows) {
    if (isDeclared(row) || !(roles.has(row.role) || roles.has(row.member))) continue;
    // The connected role's own way to the roles it works with, and the one that creating a role gives.
    if (row.member === me.name || row.isCreatorsOwn) continue;
    const by = isOwn(row) || row.grantor === null ? "" : ` by ${ident(row.grantor)}`;
    const why = `${ident(row.member)} is a member${by}, which is not declared`;
    removals.push({ row, part: "ALL", why, extra: "security", at: undefined });
  }
  const again = hasOptions ? addDependents(removals, rows, memberships) : [];
  const regrants = again.map(({ declared, extra }): Draft => ({
    object: `role ${ident(declared.role)}`,
    sql: grantSql(declared, hasOptions),
    why: `${ident(declared.member)} is a member only by one that loses it`,
    at: declared.at,
    ...(extra ? { extra } : {}),
  }));
  return [
    ...regrants,
    ...inOrder(removals, rows).map(({ row, part, why, extra, at }): Draft => {
      const option = part === "ALL" ? "" : `${part} OPTION FOR `;
      const by = isOwn(row) || row.grantor === null ? "" : ` GRANTED BY ${ident(row.grantor)}`;
      return {
        object: `role ${ident(row.role)}`,
        sql: `REVOKE ${option}${ident(row.role)} FROM ${ident(row.member)}${by}`,
        why,
        at,
        ...(extra ? { extra } : {}),
      };
    }),
    ...grants,
  ];
}

/** Rows that somebody has passed on by an option that is about to go, to any depth. */
function addDependents(
  removals: Removal[],
  rows: readonly MembershipRow[],
  memberships: readonly DeclaredMembership[],
): { declared: DeclaredMembership; extra: "security" | undefined }[] {
  const again = new Map<string, { declared: DeclaredMembership; extra: "security" | undefined }>();
  const isGone = (row: MembershipRow) =>
    removals.some((one) => one.row === row && one.part === "ALL");
  for (let i = 0; i < removals.length; i += 1) {
    const removal = removals[i];
    if (!removal || (removal.part !== "ALL" && removal.part !== "ADMIN")) continue;
    for (const row of passedOn(removal.row, rows)) {
      // Another grantor's admin option keeps what was passed on.
      const keeps = rows.some(
        (other) =>
          other.role === row.role &&
          other.member === row.grantor &&
          other.admin &&
          !removals.some(
            (one) => one.row === other && (one.part === "ALL" || one.part === "ADMIN"),
          ),
      );
      if (keeps) continue;
      const declared = memberships.find(
        ({ role, member }) => role === row.role && member === row.member,
      );
      if (!isGone(row)) {
        removals.push({
          row,
          part: "ALL",
          why: `${ident(row.member)} is a member by ${ident(row.grantor ?? "")}, who loses the right to grant it`,
          extra: declared ? removal.extra : "security",
          at: declared?.at,
        });
      }
      // Nothing of a chain can go while its end stays.
      if (!declared) removal.extra = "security";
      const others = rows.filter(
        (other) => other.role === row.role && other.member === row.member && !isGone(other),
      );
      if (declared && others.length === 0) {
        again.set(JSON.stringify([row.role, row.member]), { declared, extra: removal.extra });
      }
    }
  }
  // A member further up may have become an extra after its dependents were met.
  for (let changed = true; changed;) {
    changed = false;
    for (const removal of removals) {
      if (removal.extra || removal.part === "INHERIT" || removal.part === "SET") continue;
      const heirs = passedOn(removal.row, rows);
      if (!removals.some(({ row, extra }) => extra && heirs.includes(row))) continue;
      removal.extra = "security";
      changed = true;
    }
  }
  return [...again.values()];
}

function passedOn(row: MembershipRow, rows: readonly MembershipRow[]): MembershipRow[] {
  return rows.filter(
    (other) =>
      other.role === row.role && other.grantor === row.member && other.member !== row.member,
  );
}

/** What was passed on last goes first. */
function inOrder(removals: readonly Removal[], rows: readonly MembershipRow[]): Removal[] {
  const sorted: Removal[] = [];
  const visit = (removal: Removal) => {
    if (sorted.includes(removal)) return;
    // PostgreSQL allows no circles of grantors (0LP01), so this ends.
    for (const row of removal.part === "ALL" || removal.part === "ADMIN"
      ? passedOn(removal.row, rows)
      : []) {
      for (const heir of removals) if (heir.row === row) visit(heir);
    }
    if (!sorted.includes(removal)) sorted.push(removal);
  };
  for (const removal of removals) visit(removal);
  return sorted;
}

function describeDifferences(
  wanted: DeclaredMembership,
  rows: readonly MembershipRow[],
  hasOptions: boolean,
): string[] {
  const differences: string[] = [];
  const note = (key: "admin" | "inherit" | "set") => {
    const is = rows.some((row) => row[key] === true);
    if (wanted[key] !== undefined && is !== wanted[key]) {
      differences.push(`${key.toUpperCase()} is ${String(is)}`);
    }
  };
  note("admin");
  if (hasOptions) {
    note("inherit");
    note("set");
  }
  return differences;
}

function grantSql(
  { role, member, admin, inherit, set }: DeclaredMembership,
  hasOptions: boolean,
): string {
  const options = hasOptions
    ? [
        ...(admin ? ["ADMIN TRUE"] : []),
        ...(inherit === undefined ? [] : [`INHERIT ${String(inherit).toUpperCase()}`]),
        ...(set === undefined ? [] : [`SET ${String(set).toUpperCase()}`]),
      ]
    : admin
      ? ["ADMIN OPTION"]
      : [];
  return `GRANT ${ident(role)} TO ${ident(member)}${options.length === 0 ? "" : ` WITH ${options.join(", ")}`}`;
}
