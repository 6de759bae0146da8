/** What all kinds of objects need from the system catalogs: dependencies, comments, privileges. */
import { ident, literal } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import listComments from "./comments.sql";
import listDependencies from "./dependencies.sql";
import listGrants from "./grants.sql";
import { grantStatements } from "./grants.ts";
import type { GrantedOnward, PrivilegeList } from "./grants.ts";
import { catalogs } from "./object.ts";
import type { Address } from "./object.ts";
import listOutside from "./outside.sql";

interface DependencyRow {
  readonly class: number;
  readonly object: number;
  readonly sub: number;
  readonly onClass: number;
  readonly onObject: number;
  readonly onSub: number;
  readonly kind: string;
}

interface CommentRow {
  readonly class: number;
  readonly object: number;
  readonly sub: number;
  readonly comment: string;
}

export interface GrantRow extends PrivilegeList {
  readonly class: number;
  readonly object: number;
  readonly sub: number;
  /** `TABLE`, `FUNCTION`: as it stands after ON. */
  readonly kind: string;
  /** As PostgreSQL quotes it. */
  readonly name: string;
  readonly owner: string;
}

/** One row of pg_depend, with the columns of both sides: 0 for the whole. */
export interface Dependency {
  readonly sub: number;
  readonly on: Address;
  readonly onSub: number;
  /** n(ormal), a(uto), i(nternal), P and S (a partition's): as in pg_depend. */
  readonly kind: string;
}

/** Statements that run as a role other than the owner. */
export interface ForeignGrant extends GrantedOnward {
  readonly target: string;
}

/** How an object is named in ALTER, GRANT and COMMENT. */
export interface Subject {
  readonly address: Address;
  /** `TABLE public.users`: as it stands after COMMENT ON. */
  readonly name: string;
  /** As it stands after ALTER, where it differs from `name`. */
  readonly alter?: string;
  /** As it stands after GRANT … ON; absent for kinds without privileges. */
  readonly grant?: string;
  readonly owner?: string;
}

export interface Catalog {
  readonly session: Session;
  readonly omitsOwners: boolean;
  readonly omitsGrants: boolean;
  /**
   * Rows are loaded between its parts: keys stand apart from their tables, so that they are built
   * afterwards. What only ties the database to others (a subscription) is left out.
   */
  readonly isForCopy: boolean;
  /** What each address depends on: `[address, kind]`. */
  readonly dependencies: ReadonlyMap<Address, readonly (readonly [Address, string])[]>;
  /** The same, column by column. */
  readonly columnDependencies: ReadonlyMap<Address, readonly Dependency[]>;
  /** The extension an address belongs to. */
  readonly members: ReadonlyMap<Address, Address>;
  /** Temporary objects of any session, and TOAST tables. */
  readonly outside: ReadonlySet<Address>;
  /** Comments not taken yet, by address and sub-object. */
  readonly comments: Map<string, CommentRow>;
  /** Privileges not taken yet, by address; columns are listed with their table. */
  readonly grants: Map<Address, GrantRow[]>;
  readonly foreignGrants: ForeignGrant[];
  readonly findings: Finding[];
  /** What cannot be dumped, in words. */
  readonly refused: string[];
  /** Name of each extension, filled by collectExtensions(). */
  readonly extensionNames: Map<Address, string>;
}

export interface CatalogOptions {
  readonly omitsOwners?: boolean;
  readonly omitsGrants?: boolean;
  readonly isForCopy?: boolean;
}

export async function readCatalog(
  session: Session,
  { omitsOwners = false, omitsGrants = false, isForCopy = false }: CatalogOptions = {},
): Promise<Catalog> {
  const dependencies = new Map<Address, [Address, string][]>();
  const columnDependencies = new Map<Address, Dependency[]>();
  const members = new Map<Address, Address>();
  for (const row of await session.query<DependencyRow>(listDependencies)) {
    const from = `${row.class}/${row.object}`;
    const to = `${row.onClass}/${row.onObject}`;
    const { sub, onSub, kind } = row;
    if (kind === "e") {
      members.set(from, to);
      continue;
    }
    const known = dependencies.get(from);
    if (known?.some(([other, how]) => other === to && how === kind) !== true) {
      push(dependencies, from, [to, kind]);
    }
    push(columnDependencies, from, { sub, on: to, onSub, kind });
  }
  const outside = await session.query<{ class: number; object: number }>(listOutside);
  const grants = new Map<Address, GrantRow[]>();
  for (const row of await session.query<GrantRow>(listGrants)) {
    push(grants, `${row.class}/${row.object}`, row);
  }
  return {
    session,
    omitsOwners,
    omitsGrants,
    isForCopy,
    dependencies,
    columnDependencies,
    members,
    outside: new Set(outside.map((row) => `${row.class}/${row.object}`)),
    comments: new Map(
      (await session.query<CommentRow>(listComments)).map((row) => [
        `${row.class}/${row.object}/${row.sub}`,
        row,
      ]),
    ),
    grants,
    foreignGrants: [],
    findings: [],
    refused: [],
    extensionNames: new Map(),
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** The comment of an object or column, which counts as dumped from now on. */
export function takeComment(catalog: Catalog, address: Address, sub = 0): string | undefined {
  const key = `${address}/${sub}`;
  const row = catalog.comments.get(key);
  catalog.comments.delete(key);
  return row?.comment;
}

/** `COMMENT ON …` where there is a comment. */
export function commentOn(catalog: Catalog, address: Address, name: string, sub = 0): string[] {
  const comment = takeComment(catalog, address, sub);
  return comment === undefined ? [] : [`COMMENT ON ${name} IS ${literal(comment)}`];
}

/** GRANT and REVOKE for an object and its columns. */
export function grantsOn(catalog: Catalog, address: Address, target: string): string[] {
  const rows = catalog.grants.get(address) ?? [];
  catalog.grants.delete(address);
  if (catalog.omitsGrants) return [];
  return rows
    .toSorted((a, b) => a.sub - b.sub)
    .flatMap((row) => {
      const { byOwner, byOthers } = grantStatements(row, target, {
        omitOwners: catalog.omitsOwners,
      });
      refuseLostRoles(catalog, row, target);
      catalog.foreignGrants.push(...byOthers.map((one) => ({ ...one, target })));
      return byOwner;
    });
}

/** A dropped role's entry in an access control list has no name any more. */
function refuseLostRoles(catalog: Catalog, row: GrantRow, target: string): void {
  const roles = row.present.flatMap((entry) => [entry.grantee ?? "", entry.grantor]);
  if (roles.some((role) => /^unknown \(OID=\d+\)$/.test(role))) {
    catalog.refused.push(`privileges of a role that does not exist any more on ${target}`);
  }
}

/** What follows an object's CREATE: its owner, privileges, extension and comment. */
export function attributesOf(catalog: Catalog, subject: Subject): string[] {
  const alter = subject.alter ?? subject.name;
  return [
    ...ownerOf(catalog, alter, subject.owner),
    ...dependsOnExtension(catalog, subject.address, alter),
    ...(subject.grant === undefined ? [] : grantsOn(catalog, subject.address, subject.grant)),
    ...commentOn(catalog, subject.address, subject.name),
  ];
}

export function ownerOf(catalog: Catalog, alter: string, owner: string | undefined): string[] {
  return owner === undefined || catalog.omitsOwners
    ? []
    : [`ALTER ${alter} OWNER TO ${ident(owner)}`];
}

/** `ALTER … DEPENDS ON EXTENSION`: dropping the extension drops the object. */
function dependsOnExtension(catalog: Catalog, from: Address, alter: string): string[] {
  return (catalog.dependencies.get(from) ?? [])
    .filter(([, kind]) => kind === "x")
    .map(([to]) => catalog.extensionNames.get(to) ?? "")
    .toSorted()
    .map((name) => `ALTER ${alter} DEPENDS ON EXTENSION ${ident(name)}`);
}

/** True when an object uses a function that the database's users wrote. */
export function usesOwnFunction(catalog: Catalog, from: Address): boolean {
  return (catalog.dependencies.get(from) ?? []).some(
    ([to]) => to.startsWith(`${catalogs.procedure}/`) && !catalog.members.has(to),
  );
}
