/** Nothing is left out in silence: what is in the catalogs is in the dump, or refused by name. */
import { PgwrightError } from "../errors.ts";
import type { Catalog } from "./catalog.ts";
import { ownersOf } from "./graph.ts";
import { grantStatements } from "./grants.ts";
import { catalogs } from "./object.ts";
import type { Address, SchemaObject } from "./object.ts";
import listUnsupported from "./unsupported.sql";

interface UnsupportedRow {
  readonly class: number;
  readonly object: number;
  readonly label: string;
}

/** Catalogs whose objects are no part of the schema; user mappings have a finding of their own. */
const ignoredCatalogs: readonly number[] = [
  catalogs.largeObject,
  catalogs.userMapping,
  catalogs.subscription,
];

/**
 * @param all Every object that was collected.
 * @param kept Those that are dumped: all but pgwright's own.
 * @throws PgwrightError `dump-unsupported`
 */
export async function refuseUnknown(
  catalog: Catalog,
  all: readonly SchemaObject[],
  kept: readonly SchemaObject[],
): Promise<void> {
  const listed = await catalog.session.query<UnsupportedRow>(listUnsupported);
  const isTolerated = (row: UnsupportedRow): boolean =>
    catalog.isForCopy && row.class === catalogs.subscription;
  const unsupported = listed.filter((row) => !isTolerated(row));
  const known = ownersOf(catalog, all);
  const named = new Set(unsupported.map((row) => `${row.class}/${row.object}`));
  const isOutside = outsideOnes(catalog);
  const isOfMember = hangsOn((address) => catalog.members.has(address), catalog);
  const isOfNamed = hangsOn((address) => named.has(address), catalog);
  const isForeign = (address: Address): boolean =>
    isOutside(address) ||
    isOfMember(address) ||
    ignoredCatalogs.includes(Number(address.split("/")[0]));
  const isKnown = (address: Address): boolean =>
    known(address) !== undefined || isOfNamed(address) || isForeign(address);
  const unknown = [...catalog.dependencies.keys()].filter((address) => !isKnown(address));
  const comments = [...catalog.comments].filter(
    ([, row]) => !isForeign(`${row.class}/${row.object}`),
  );
  const refused = [
    ...catalog.refused,
    ...unsupported.map((row) => row.label),
    ...(await describe(
      catalog,
      unknown.map((address) => [...split(address), 0] as const),
    )),
    ...(
      await describe(
        catalog,
        comments.map(([, row]) => [row.class, row.object, row.sub] as const),
      )
    ).map((label) => `comment on ${label}`),
    ...leftPrivileges(catalog, isForeign),
    ...leaningOnOurs(catalog, all, kept),
  ];
  if (refused.length === 0) return;
  throw new PgwrightError(
    "dump-unsupported",
    refused.length === 1
      ? "the schema holds an object that pgwright cannot dump"
      : `the schema holds ${refused.length} objects that pgwright cannot dump`,
    {
      notes: [...new Set(refused)].toSorted(),
      hint: "nothing was written; pg_dump --schema-only of the server's version can dump more",
    },
  );
}

function split(address: Address): [number, number] {
  const [catalog, oid] = address.split("/").map(Number);
  return [catalog ?? 0, oid ?? 0];
}

/** A temporary or TOAST object, or something that hangs on one. */
function outsideOnes(catalog: Catalog): (address: Address) => boolean {
  const answers = new Map<Address, boolean>();
  const isOutside = (address: Address): boolean => {
    const known = answers.get(address);
    if (known !== undefined) return known;
    answers.set(address, catalog.outside.has(address));
    const answer =
      catalog.outside.has(address) ||
      (catalog.dependencies.get(address) ?? []).some(([to]) => isOutside(to));
    answers.set(address, answer);
    return answer;
  };
  return isOutside;
}

/**
 * True for what `is` true for, and for what only exists with such a thing: an index, constraint or
 * trigger of an extension's table is the extension's affair, the array type is refused with its type.
 */
function hangsOn(is: (address: Address) => boolean, catalog: Catalog) {
  return (address: Address): boolean =>
    is(address) ||
    (catalog.dependencies.get(address) ?? []).some(
      ([to, kind]) => ["a", "i", "P", "S"].includes(kind) && is(to),
    );
}

/** Privileges that no object has taken: of something that cannot be told apart from its maker. */
function leftPrivileges(catalog: Catalog, isForeign: (address: Address) => boolean): string[] {
  return [...catalog.grants]
    .filter(([address]) => !isForeign(address))
    .flatMap(([, rows]) => rows)
    .map((row) => ({ row, target: `${row.kind} ${row.name}` }))
    .filter(({ row, target }) => grantStatements(row, target).byOwner.length > 0)
    .map(({ target }) => `privileges on ${target}`);
}

/** What would not load because pgwright's own state is not in the dump. */
function leaningOnOurs(
  catalog: Catalog,
  all: readonly SchemaObject[],
  kept: readonly SchemaObject[],
): string[] {
  if (all.length === kept.length) return [];
  const keptOnes = new Set(kept);
  const owner = ownersOf(catalog, all);
  return kept.flatMap((object) => {
    const needed = object.addresses.flatMap((address) =>
      (catalog.dependencies.get(address) ?? []).map(([to]) => to),
    );
    const ours = needed
      .filter((to) => object.ignores?.includes(to) !== true)
      .map((to) => owner(to))
      .find((other) => other !== undefined && !keptOnes.has(other));
    return ours ? [`${object.label}, which needs ${ours.label} of pgwright itself`] : [];
  });
}

async function describe(
  catalog: Catalog,
  objects: readonly (readonly [number, number, number])[],
): Promise<string[]> {
  if (objects.length === 0) return [];
  const rows = await catalog.session.query<{ label: string }>(
    `select pg_describe_object((o ->> 0)::oid, (o ->> 1)::oid, (o ->> 2)::int) as label
     from json_array_elements($1::text::json) o`,
    [JSON.stringify(objects)],
  );
  return rows.map((row) => row.label);
}
