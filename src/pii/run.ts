/** What the command `pii-scan` reports: a scan, less what is ignored or was known before. */
import type { Session } from "../db/session.ts";
import type { Finding } from "../findings.ts";
import { keyOf, readBaseline } from "./baseline.ts";
import { applyIgnored, placeOf, readIgnored } from "./ignore.ts";
import type { PiiFinding, ScanLevel, Unread } from "./report.ts";
import { scan, type ScanOptions } from "./scan.ts";

export interface PiiResult {
  readonly level: ScanLevel;
  readonly tables: number;
  readonly columns: number;
  readonly rows: number;
  /** In the order of schema, table, column, path; with a baseline only what it does not have. */
  readonly personal: readonly PiiFinding[];
  /** Findings that pii.yaml takes out. */
  readonly ignored: number;
  /** Findings that the baseline has, and those it has that are not found any more; null without one. */
  readonly baseline: { readonly known: number; readonly gone: number } | null;
  readonly unread: readonly Unread[];
  readonly findings: readonly Finding[];
}

export interface RunOptions extends ScanOptions {
  /** Absolute path of policies/, with `pii.yaml` in it where there is one, and as it is shown. */
  readonly directory: string;
  readonly shownDirectory: string;
  readonly baseline?: { readonly path: string; readonly shown: string } | undefined;
  /** `YYYY-MM-DD`; lines of pii.yaml end after their day. Default: today, UTC. */
  readonly today?: string;
}

/** @throws PgwrightError `config-invalid`, `usage` for a baseline; what `scan` throws. */
export async function runScan(
  open: () => Promise<Session>,
  options: RunOptions,
): Promise<PiiResult> {
  const ignored = await readIgnored(options.directory, options.shownDirectory);
  const known =
    options.baseline && (await readBaseline(options.baseline.path, options.baseline.shown));
  await using session = await open();
  const report = await scan(session, options);
  const { left, problems } = applyIgnored(report.findings, ignored, {
    today: options.today ?? new Date().toISOString().slice(0, 10),
    columns: options.schemas === undefined ? new Set(report.places) : undefined,
  });
  const fresh = known === undefined ? left : left.filter((one) => !known.has(keyOf(one)));
  const found = new Set(report.findings.map(keyOf));
  const { level, tables, columns, rows, unread } = report;
  return {
    level,
    tables,
    columns,
    rows,
    personal: fresh,
    ignored: report.findings.length - left.length,
    baseline:
      known === undefined
        ? null
        : {
            known: left.length - fresh.length,
            gone: [...known].filter((key) => !found.has(key)).length,
          },
    unread,
    findings: [...problems, ...unread.map(describeUnread)],
  };
}

/** As a problem of the report. */
export function describeUnread({ object, why, hint, isBlind }: Unread): Finding {
  return {
    rule: isBlind ? "pii/unread" : "pii/partly-read",
    severity: isBlind ? "warning" : "info",
    message: `${object}: ${why}`,
    ...(hint === undefined ? {} : { hint }),
    object,
  };
}

/** Personal data as annotations: what is certain or likely warns. */
export function annotate(personal: readonly PiiFinding[]): Finding[] {
  return personal.map((one) => ({
    rule: `pii/${one.entity}`,
    severity: one.level === "possible" ? "info" : "warning",
    message: `${placeOf(one)} holds ${one.entity} (${one.level}, ${one.confidence.toFixed(2)}): ${one.evidence.join("; ")}`,
    object: placeOf(one),
  }));
}
