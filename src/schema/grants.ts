/** What GRANT and REVOKE turn a fresh object's privileges into the ones it has. */
import { ident } from "../db/identifier.ts";

/** One entry of an access control list, as aclexplode() shows it. */
export interface Privilege {
  /** Null is PUBLIC. */
  readonly grantee: string | null;
  readonly grantor: string;
  /** The grantee is the object's owner. */
  readonly isOwners: boolean;
  /** Granted by the object's owner, as superusers do too. */
  readonly isByOwner: boolean;
  readonly privilege: string;
  readonly isGrantable: boolean;
}

export interface PrivilegeList {
  /** The column whose privileges these are, else null. */
  readonly column: string | null;
  /** What ALL means for this kind of object on this server. */
  readonly everything: readonly string[];
  readonly present: readonly Privilege[];
  /** What a fresh object has. */
  readonly base: readonly Privilege[];
}

/** What one role grants by virtue of its own grant option. */
export interface GrantedOnward {
  readonly grantor: string;
  readonly statements: readonly string[];
  /** Who may grant it onward by this. */
  readonly heirs: readonly string[];
}

export interface GrantStatements {
  readonly byOwner: readonly string[];
  /** Granted by a role with grant option: each list runs as that role. */
  readonly byOthers: readonly GrantedOnward[];
}

const order =
  "SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER EXECUTE USAGE CREATE TEMPORARY CONNECT SET ALTER SYSTEM MAINTAIN".split(
    " ",
  );

/**
 * The statements that lead from the base to what is present.
 *
 * @param target `TABLE public.users`, as it stands after ON.
 * @param prefix Put before each statement: `ALTER DEFAULT PRIVILEGES FOR ROLE x `.
 */
export function grantStatements(
  list: PrivilegeList,
  target: string,
  options: { readonly prefix?: string; readonly omitOwners?: boolean } = {},
): GrantStatements {
  const wanted = (entry: Privilege) => !(options.omitOwners === true && entry.isOwners);
  const present = list.present.filter(wanted);
  const base = list.base.filter(wanted);
  const changes = (by: (entry: Privilege) => boolean): string[] =>
    statementsOf(list, target, options.prefix ?? "", present.filter(by), base.filter(by));
  const grantors = [
    ...new Set(present.filter((entry) => !entry.isByOwner).map((entry) => entry.grantor)),
  ].toSorted();
  return {
    byOwner: changes((entry) => entry.isByOwner),
    byOthers: grantors.map((grantor) => ({
      grantor,
      statements: changes((entry) => !entry.isByOwner && entry.grantor === grantor),
      heirs: present.flatMap((entry) =>
        !entry.isByOwner && entry.grantor === grantor && entry.isGrantable
          ? (entry.grantee ?? [])
          : [],
      ),
    })),
  };
}

function statementsOf(
  list: PrivilegeList,
  target: string,
  prefix: string,
  present: readonly Privilege[],
  base: readonly Privilege[],
): string[] {
  const revokes: string[] = [];
  const grants: string[] = [];
  for (const grantee of granteesOf([...present, ...base])) {
    const now = grantable(present, grantee);
    const before = grantable(base, grantee);
    const who = grantee === null ? "PUBLIC" : ident(grantee);
    const names = (wanted: (privilege: string) => boolean, from: Map<string, boolean>): string[] =>
      [...from.keys()].filter(wanted);
    const say = (privileges: readonly string[]): string => nameAll(privileges, list);
    const lost = names((privilege) => !now.has(privilege), before);
    const lostOption = names(
      (privilege) => before.get(privilege) === true && now.get(privilege) === false,
      before,
    );
    const gained = names(
      (privilege) => now.get(privilege) === false && !before.has(privilege),
      now,
    );
    const gainedOption = names(
      (privilege) => now.get(privilege) === true && before.get(privilege) !== true,
      now,
    );
    if (lost.length > 0) {
      revokes.push(`${prefix}REVOKE ${say(lost)} ON ${target} FROM ${who}`);
    }
    if (lostOption.length > 0) {
      revokes.push(`${prefix}REVOKE GRANT OPTION FOR ${say(lostOption)} ON ${target} FROM ${who}`);
    }
    if (gained.length > 0) {
      grants.push(`${prefix}GRANT ${say(gained)} ON ${target} TO ${who}`);
    }
    if (gainedOption.length > 0) {
      grants.push(`${prefix}GRANT ${say(gainedOption)} ON ${target} TO ${who} WITH GRANT OPTION`);
    }
  }
  return [...revokes, ...grants];
}

/** Privilege to whether it may be granted on. */
function grantable(entries: readonly Privilege[], grantee: string | null): Map<string, boolean> {
  const found = new Map<string, boolean>();
  for (const entry of entries) {
    if (entry.grantee !== grantee) continue;
    found.set(entry.privilege, entry.isGrantable || found.get(entry.privilege) === true);
  }
  return found;
}

/** PUBLIC first, then by name. */
function granteesOf(entries: readonly Privilege[]): (string | null)[] {
  const names = new Set(entries.map((entry) => entry.grantee));
  const roles = [...names].filter((name) => name !== null).toSorted();
  return names.has(null) ? [null, ...roles] : roles;
}

function nameAll(privileges: readonly string[], list: PrivilegeList): string {
  const sorted = privileges.toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  if (list.column !== null) {
    return sorted.map((privilege) => `${privilege} (${ident(list.column ?? "")})`).join(", ");
  }
  const isAll =
    list.everything.length > 1 &&
    list.everything.every((privilege) => privileges.includes(privilege));
  return isAll ? "ALL" : sorted.join(", ");
}
