/** `pgwright matviews check`: is every view as fresh as matviews.yaml promises? */
import { formatAge } from "../../db/amount.ts";
import type { Session } from "../../db/session.ts";
import type { Finding } from "../../findings.ts";
import { nameKey, type DeclaredAge, type DeclaredMatviews } from "./declared.ts";
import { listMatviews, type ListedMatview } from "./list.ts";

export interface CheckedMatview {
  readonly view: string;
  /** Seconds. */
  readonly maxAge: number;
  /** Seconds; 0 where nothing it reads has changed, null where it is not known. */
  readonly behind: number | null;
  readonly isFresh: boolean;
}

export interface MatviewCheck {
  readonly isFresh: boolean;
  readonly views: readonly CheckedMatview[];
  readonly findings: readonly Finding[];
}

/** Looks at the views that are declared, and at no others. Reads only. */
export async function checkMatviews(
  session: Session,
  declared: DeclaredMatviews,
): Promise<MatviewCheck> {
  const list = await listMatviews(session, declared);
  const byName = new Map(list.views.map((one) => [nameKey(one), one]));
  const findings: Finding[] = [];
  const views: CheckedMatview[] = [];
  for (const [key, age] of declared.maxAges) {
    const found = byName.get(key);
    const finding = judge(found, age);
    if (finding) findings.push(finding);
    const behind = found?.behind ?? null;
    views.push({ view: age.view, maxAge: age.ms / 1000, behind, isFresh: finding === undefined });
  }
  const unreadable = list.findings.filter(({ rule }) => rule === "matviews/log-unreadable");
  return {
    isFresh: findings.length === 0,
    views,
    findings: [...findings, ...unreadable],
  };
}

function judge(
  found: ListedMatview | undefined,
  { view, ms, at }: DeclaredAge,
): Finding | undefined {
  const error = (rule: string, message: string, hint: string): Finding => ({
    rule: `matviews/${rule}`,
    severity: "error",
    message,
    hint,
    at,
    object: view,
  });
  const refresh = `\`pgwright matviews refresh ${view} --with-sources\``;
  if (!found) {
    const hint = "`pgwright matviews list` shows those there are";
    return error("unknown", `there is no materialized view ${view}`, hint);
  }
  if (!found.isPopulated) {
    return error("not-populated", `${view} is not populated: reading it is an error`, refresh);
  }
  const promise = formatAge(ms / 1000);
  if (found.behind === null) {
    const what =
      found.refreshedAt === null ? "no refresh of it is" : "not every refresh of what it reads is";
    return error("age-unknown", `${view} may be older than ${promise}: ${what} on record`, refresh);
  }
  if (found.behind * 1000 <= ms) return undefined;
  const why = found.failure === null ? "" : `; the last refresh failed: ${found.failure.message}`;
  const message = `${view} is ${formatAge(found.behind)} behind, ${promise} are promised${why}`;
  return error("stale", message, refresh);
}
