/** `pgwright matviews refresh`: each view after those it reads, side by side where they are independent. */
import type { Session } from "../../db/session.ts";
import { PgwrightError } from "../../errors.ts";
import type { EventListener } from "../../events.ts";
import { probeServer } from "../../migrate/frame.ts";
import type { Open } from "../../migrate/migrator.ts";
import { namingServerErrors } from "../../migrate/server-error.ts";
import { describeFailure, type Failure } from "./failure.ts";
import { prepareLog } from "./log.ts";
import type { Mode, PlannedRefresh, RefreshChoice, RefreshPlan } from "./plan-refresh.ts";
import { recordFailure, refreshOne, type Outcome } from "./refresh-one.ts";

export interface RefreshOptions {
  readonly open: Open;
  readonly choice: RefreshChoice;
  /** Role that owns what migrations make: its members may write the log. */
  readonly role: string | undefined;
  /** How many views at the same time. */
  readonly jobs: number;
  readonly lockTimeoutMs: number;
  readonly lockBudgetMs: number;
  readonly statementTimeoutMs: number;
  readonly events: EventListener;
  readonly signal?: AbortSignal | undefined;
}

export interface RefreshedView {
  readonly view: string;
  readonly state: "refreshed" | "skipped" | "busy" | "failed" | "not-attempted";
  readonly mode: Mode;
  /** Why it is not refreshed concurrently. */
  readonly whyPlain: string | null;
  /** Why it is in this state; null where it is refreshed. */
  readonly reason: string | null;
  readonly durationMs: number | null;
  readonly rows: number | null;
  readonly added: number | null;
  readonly removed: number | null;
  readonly failure: Failure | null;
}

export interface RefreshResult {
  /** In the order in which they came to an end. */
  readonly views: readonly RefreshedView[];
}

/**
 * Carries out a plan. A view that fails keeps back those that read it, and no others.
 *
 * @throws PgwrightError `interrupted` with what was done before it.
 */
export async function refresh(plan: RefreshPlan, options: RefreshOptions): Promise<RefreshResult> {
  const { refreshes } = plan;
  if (refreshes.length === 0) return { views: [] };
  return namingServerErrors(async () => {
    const isRecorded = await prepare(options);
    const run = new Run(refreshes, { ...options, isRecorded });
    await run.work();
    if (options.signal?.aborted) {
      throw new PgwrightError("interrupted", "interrupted", {
        result: { views: run.done },
        notes: run.done.map(({ view, state }) => `${state}: ${view}`),
      });
    }
    return { views: run.done };
  });
}

async function prepare(options: RefreshOptions): Promise<boolean> {
  await using session = await options.open({ writes: true, direct: true });
  const trouble = await prepareLog(session, options.role);
  if (trouble !== undefined) {
    options.events({ type: "notice", level: "warning", message: trouble });
  }
  return trouble === undefined;
}

class Run {
  readonly done: RefreshedView[] = [];
  readonly #waiting: Set<PlannedRefresh>;
  readonly #states = new Map<string, RefreshedView["state"]>();
  readonly #running = new Map<PlannedRefresh, number>();
  readonly #options: RefreshOptions & { readonly isRecorded: boolean };
  readonly #names: ReadonlyMap<string, string>;
  #wake: (() => void)[] = [];

  constructor(
    refreshes: readonly PlannedRefresh[],
    options: RefreshOptions & { readonly isRecorded: boolean },
  ) {
    this.#waiting = new Set(refreshes);
    this.#names = new Map(refreshes.map(({ matview: { oid, view } }) => [oid, view]));
    this.#options = options;
  }

  async work(): Promise<void> {
    const total = this.#waiting.size;
    const ticking = setInterval(() => this.#tell(total), 1000);
    try {
      const jobs = Math.min(this.#options.jobs, total);
      await Promise.all(Array.from({ length: jobs }, () => this.#worker()));
    } finally {
      clearInterval(ticking);
    }
  }

  /** Takes one view after the other until none is left that could be its turn. */
  async #worker(): Promise<void> {
    let session: Session | undefined;
    try {
      for (;;) {
        const next = await this.#take();
        if (!next) return;
        session = await this.#run(session, next);
      }
    } finally {
      await session?.[Symbol.asyncDispose]();
    }
  }

  async #open(): Promise<Session> {
    const session = await this.#options.open({ writes: true, direct: true });
    const { watchesClient } = await probeServer(session);
    // So that a refresh does not go on for a client that was killed. Behind a pooler it would stay on.
    if (watchesClient && !session.server.isPooled) {
      await session.script("set client_connection_check_interval = '1s'");
    }
    return session;
  }

  /** The next view all of whose sources are done; waits while one of them is at work. */
  async #take(): Promise<PlannedRefresh | undefined> {
    for (;;) {
      if (this.#options.signal?.aborted) return undefined;
      for (const planned of this.#waiting) {
        if (!planned.after.every((oid) => this.#states.has(oid))) continue;
        this.#waiting.delete(planned);
        const bad = planned.after.find((oid) => !this.#isUsable(oid));
        if (bad === undefined) return planned;
        this.#end(planned, "not-attempted", {
          reason: `it reads ${this.#names.get(bad)}, which was not refreshed`,
        });
      }
      if (this.#waiting.size === 0) return undefined;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #isUsable(oid: string): boolean {
    const state = this.#states.get(oid);
    return state === "refreshed" || state === "skipped";
  }

  /** Gives back the session for the next view; the one before may have lost its connection. */
  async #run(before: Session | undefined, planned: PlannedRefresh): Promise<Session | undefined> {
    const { events } = this.#options;
    const title = `refresh ${planned.matview.view}`;
    const startedAt = performance.now();
    this.#running.set(planned, startedAt);
    events({ type: "step-started", title });
    let session = before?.isDead ? undefined : before;
    try {
      session ??= await this.#open();
      const outcome = await refreshOne(session, planned, this.#options);
      const durationMs = performance.now() - startedAt;
      const detail = detailOf(outcome, planned);
      const done = outcome.state === "refreshed" ? title : `left ${planned.matview.view}`;
      events({ type: "step-finished", title: done, durationMs, detail });
      this.#end(planned, outcome.state, { ...outcome, durationMs });
    } catch (error) {
      const durationMs = performance.now() - startedAt;
      events({ type: "step-failed", title, durationMs });
      const failure = describeFailure(error, planned);
      if (
        session &&
        this.#options.isRecorded &&
        !session.isDead &&
        !this.#options.signal?.aborted
      ) {
        const { sqlstate, reason: message } = failure;
        await recordFailure(session, planned, { sqlstate, message, ms: durationMs });
      }
      this.#end(planned, "failed", { reason: failure.reason, durationMs, failure });
    } finally {
      this.#running.delete(planned);
    }
    return session;
  }

  #end(
    { matview: { oid, view }, mode, whyPlain }: PlannedRefresh,
    state: RefreshedView["state"],
    more: Partial<RefreshedView>,
  ): void {
    this.#states.set(oid, state);
    const { reason = null, durationMs = null, rows = null } = more;
    const { added = null, removed = null, failure = null } = more;
    this.done.push({
      view,
      state,
      mode,
      whyPlain,
      reason,
      durationMs,
      rows,
      added,
      removed,
      failure,
    });
    const woken = this.#wake;
    this.#wake = [];
    for (const wake of woken) wake();
  }

  #tell(total: number): void {
    const now = performance.now();
    const running = [...this.#running].map(
      ([{ matview }, since]) => `${matview.view} (${Math.round((now - since) / 1000)} s)`,
    );
    if (running.length === 0) return;
    const { events } = this.#options;
    const title = `refresh ${running.join(", ")}`;
    events({ type: "step-progress", title, done: this.done.length, total });
  }
}

function detailOf(outcome: Outcome, { mode }: PlannedRefresh): string {
  if (outcome.state !== "refreshed") return outcome.reason;
  const { rows, added, removed } = outcome;
  const parts = [
    ...(rows === null ? [] : [`${rows} rows`]),
    ...(added === null || removed === null ? [] : [`+${added} −${removed}`]),
    mode === "concurrent" ? "concurrently" : "plain",
  ];
  return parts.join(", ");
}
