/** `pgwright matviews list`: every materialized view, how old, how it is refreshed, what it reads. */
import { look } from "../look.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { readMatviews, type Matview } from "./catalog.ts";
import { whyChanged } from "./changed.ts";
import { nameKey, type DeclaredMatviews } from "./declared.ts";
import { readHistories, type History } from "./log.ts";
import { depthsOf, inOrder } from "./order.ts";
import { hidingReason } from "./refusal.ts";

export interface ListedMatview {
  readonly schema: string;
  readonly name: string;
  /** Both, quoted where needed. */
  readonly view: string;
  readonly owner: string;
  readonly isPopulated: boolean;
  /** Null while a plain refresh or DDL holds it: measuring it would wait. */
  readonly bytes: number | null;
  /** Exact as of the last refresh on record, else the planner's estimate. */
  readonly rows: number | null;
  readonly isEstimate: boolean;
  /** Seconds since its oldest data were read; null where no refresh is on record. */
  readonly age: number | null;
  /** Seconds by which it may be behind: 0 where nothing has changed; null where that is unknown. */
  readonly behind: number | null;
  /** What `policies/matviews.yaml` promises, in seconds. */
  readonly maxAge: number | null;
  /** Why a refresh might give something else; null where it would not. */
  readonly changed: string | null;
  readonly refreshedAt: string | null;
  /** Milliseconds of the last refreshes, the newest first. */
  readonly durations: readonly number[];
  readonly added: number | null;
  readonly removed: number | null;
  /** The unique index that a concurrent refresh goes by. */
  readonly key: string | null;
  /** Why it is refreshed in the plain way, in which readers wait; null where it is not. */
  readonly whyPlain: string | null;
  /** How many materialized views deep it is: 0 reads none. */
  readonly depth: number;
  readonly tables: readonly string[];
  readonly reads: readonly { readonly view: string; readonly through: readonly string[] }[];
  /** Why `--if-changed` never leaves it out. */
  readonly neverSkipped: readonly string[];
  readonly failure: History["failure"];
}

export interface MatviewList {
  /** In the order of a refresh. */
  readonly views: readonly ListedMatview[];
  readonly findings: readonly Finding[];
}

/** Reads only, and no materialized view itself. */
export async function listMatviews(
  session: Session,
  declared: DeclaredMatviews | undefined,
): Promise<MatviewList> {
  return look(session, async () => {
    const matviews = inOrder(await readMatviews(session));
    const histories = await readHistories(session);
    const depths = depthsOf(matviews);
    const behind = new Map<string, number | null>();
    const views = matviews.map((matview) => {
      const { oid } = matview;
      const history = histories.byOid.get(oid);
      // Their order has those that it reads before it.
      behind.set(oid, judgeBehind(matview, history, behind));
      return describe(matview, history, {
        depth: depths.get(oid) ?? 0,
        behind: behind.get(oid) ?? null,
        maxAge: secondsOf(declared?.maxAges.get(nameKey(matview))?.ms),
      });
    });
    return {
      views,
      findings: [
        ...matviews.flatMap(findTrouble),
        ...views.flatMap(({ view, failure }) => (failure ? [findFailure(view, failure)] : [])),
        ...(histories.trouble === null
          ? []
          : [
              {
                rule: "matviews/log-unreadable",
                severity: "warning" as const,
                message: histories.trouble,
              },
            ]),
      ],
    };
  });
}

/** What has not changed lacks nothing, but what those lack that it reads. */
function judgeBehind(
  { isPopulated, sources }: Matview,
  history: History | undefined,
  behind: ReadonlyMap<string, number | null>,
): number | null {
  if (!isPopulated || !history) return null;
  if (whyChanged(sources, history) !== undefined) return history.age;
  const those = sources.matviews.map(({ oid }) => behind.get(oid) ?? null);
  return those.reduce(
    (most, one) => (most === null || one === null ? null : Math.max(most, one)),
    0,
  );
}

function secondsOf(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1000;
}

function describe(
  matview: Matview,
  history: History | undefined,
  { depth, behind, maxAge }: Pick<ListedMatview, "depth" | "behind" | "maxAge">,
): ListedMatview {
  const { schema, name, view, owner, isPopulated, bytes, rowsEstimate } = matview;
  const { key, obstacle, sources } = matview;
  const rows = history?.rows ?? null;
  return {
    schema,
    name,
    view,
    owner,
    isPopulated,
    bytes,
    rows: isPopulated ? (rows ?? rowsEstimate) : null,
    isEstimate: rows === null,
    age: isPopulated ? (history?.age ?? null) : null,
    behind,
    maxAge,
    changed: whyChanged(sources, history) ?? null,
    refreshedAt: history?.refreshedAt ?? null,
    durations: history?.durations ?? [],
    added: history?.added ?? null,
    removed: history?.removed ?? null,
    key,
    whyPlain: isPopulated ? obstacle : "not populated yet",
    depth,
    tables: sources.tables,
    reads: sources.matviews.map(({ view: read, through }) => ({ view: read, through })),
    neverSkipped: sources.restless,
    failure: history?.failure ?? null,
  };
}

function findTrouble({ view, isPopulated, obstacle, sources }: Matview): Finding[] {
  const found: Finding[] = [];
  const hiding = hidingReason(sources);
  if (hiding) {
    found.push({
      rule: "matviews/hidden-rows",
      severity: "error",
      object: view,
      ...named(view, hiding),
    });
  }
  if (!isPopulated) {
    found.push({
      rule: "matviews/not-populated",
      severity: "warning",
      message: `${view} is not populated: reading it is an error`,
      hint: `\`pgwright matviews refresh ${view}\``,
      object: view,
    });
  }
  if (obstacle !== null) {
    found.push({
      rule: "matviews/no-key",
      severity: "info",
      message: `${view} keeps readers waiting while it is refreshed: ${obstacle}`,
      hint: `\`CREATE UNIQUE INDEX ON ${view} (…)\` on plain columns and without a WHERE lets it be refreshed concurrently`,
      object: view,
    });
  }
  if (sources.unseenBehind.length > 0) {
    found.push({
      rule: "matviews/unseen-sources",
      severity: "info",
      message: `${view} calls ${sources.unseenBehind.join(", ")}, which may read what the server keeps no record of: neither its order nor its changes are known`,
      hint: "name such views after the others in a run of their own",
      object: view,
    });
  }
  return found;
}

function named(view: string, { message, hint }: { message: string; hint: string }) {
  return { message: `${view} cannot be refreshed: ${message}`, hint };
}

function findFailure(view: string, failure: NonNullable<History["failure"]>): Finding {
  const code = failure.sqlstate === null ? "" : ` (${failure.sqlstate})`;
  return {
    rule: "matviews/refresh-failed",
    severity: "warning",
    message: `the last refresh of ${view} failed${code}: ${failure.message}`,
    hint: `\`pgwright matviews refresh ${view}\` tries again`,
    object: view,
  };
}
