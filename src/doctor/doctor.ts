/** Looks a database over and says what is wrong, what will go wrong, and what to do. Reads only. */
import type { Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import type { Finding, Severity } from "../findings.ts";
import type { Check, CheckContext } from "./check.ts";
import { checks } from "./checks/index.ts";
import { judgeEngine } from "./checks/engine.ts";
import { readEngine, type Engine } from "./engine.ts";
import { readFacts, type Facts } from "./facts.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { lookOrSayWhy } from "./look.ts";
import { readSettings } from "./settings.ts";

export interface DoctorOptions {
  /** Role that migrations run as; undefined is the connected one. */
  readonly migrationsRole: string | undefined;
  readonly ledgerSchema: string;
  readonly events: EventListener;
  /** Replaces single thresholds. */
  readonly limits?: Partial<Limits> | undefined;
}

/** How a check ended: its worst finding, or that it could not look. */
export type CheckState = "passed" | "warning" | "error" | "unseen";

export interface CheckOutcome {
  readonly title: string;
  readonly state: CheckState;
  readonly findings: number;
  readonly durationMs: number;
}

export interface DoctorReport {
  readonly database: string;
  readonly role: string;
  readonly host: string;
  readonly version: string;
  readonly isStandby: boolean;
  readonly isPooled: boolean;
  readonly engine: Engine;
  /** Null on an engine whose catalogs are not PostgreSQL's. */
  readonly facts: Omit<Facts, "engine"> | null;
  readonly checks: readonly CheckOutcome[];
  /** Null when nothing was found. */
  readonly worst: Severity | null;
  /** The worst first. */
  readonly findings: readonly Finding[];
}

/**
 * Runs every check, each in a read-only transaction of its own with a statement_timeout of 5 s and
 * a lock_timeout of 1 s, so it is safe on a busy primary, on a standby, and through a pooler. What
 * a check may not see, or cannot see in that time, is a finding `doctor/cannot-look`.
 *
 * @throws PgwrightError `connection-lost`, `interrupted`.
 */
export async function runDoctor(session: Session, options: DoctorOptions): Promise<DoctorReport> {
  const { events } = options;
  const { server } = session;
  const engine = await readEngine(session);
  const basis = {
    database: server.database,
    role: server.role,
    host: server.host,
    version: server.version,
    isStandby: server.isStandby,
    isPooled: server.isPooled,
    engine,
  };
  if (engine.kind === "foreign") {
    // Not even the catalogs are alike: every other check would only say so once more.
    const findings = judgeEngine(engine);
    return { ...basis, facts: null, checks: [], worst: worstOf(findings), findings };
  }
  const settings = await readSettings(session);
  const { engine: _engine, ...facts } = await readFacts(session, server, engine);
  const context: CheckContext = {
    server,
    facts: { engine, ...facts },
    settings,
    limits: { ...defaultLimits, ...options.limits },
    migrationsRole: options.migrationsRole,
    ledgerSchema: options.ledgerSchema,
  };
  const title = "checking";
  const startedAt = performance.now();
  const outcomes: CheckOutcome[] = [];
  const findings: Finding[] = [];
  events({ type: "step-started", title });
  try {
    for (const check of checks) {
      const found = await runCheck(check, session, context);
      outcomes.push(found.outcome);
      findings.push(...found.findings);
      events({ type: "step-progress", title, done: outcomes.length, total: checks.length });
    }
  } catch (error) {
    events({ type: "step-failed", title, durationMs: performance.now() - startedAt });
    throw error;
  }
  events({ type: "step-finished", title, durationMs: performance.now() - startedAt });
  findings.sort(bySeverity);
  return { ...basis, facts, checks: outcomes, worst: worstOf(findings), findings };
}

async function runCheck(
  check: Check,
  session: Session,
  context: CheckContext,
): Promise<{ outcome: CheckOutcome; findings: readonly Finding[] }> {
  const startedAt = performance.now();
  const findings = await lookOrSayWhy(session, check.title, () => check.look(session, context));
  return {
    outcome: {
      title: check.title,
      state: stateOf(findings),
      findings: findings.length,
      durationMs: performance.now() - startedAt,
    },
    findings,
  };
}

function stateOf(findings: readonly Finding[]): CheckState {
  const has = (severity: Severity) => findings.some((finding) => finding.severity === severity);
  if (has("error")) return "error";
  if (findings.some(({ rule }) => rule === "doctor/cannot-look")) return "unseen";
  return has("warning") ? "warning" : "passed";
}

/** Of findings with the worst first. */
function worstOf(findings: readonly Finding[]): Severity | null {
  return findings[0]?.severity ?? null;
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function bySeverity(a: Finding, b: Finding): number {
  return rank[a.severity] - rank[b.severity];
}
