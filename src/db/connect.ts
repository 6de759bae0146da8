/** Opens the one kind of connection there is: a Session on a host that fits. */
import { setTimeout as sleep } from "node:timers/promises";
import { PgwrightError } from "../errors.ts";
import { openBackend } from "./wire/backend.ts";
import { explainFailure, summarize, type Failure } from "./connect-failure.ts";
import type { ConnectionOptions, HostOption, TargetSession } from "./libpq.ts";
import { openSession, type OpenedSession } from "./open-session.ts";
import { explainReadOnly } from "./read-only.ts";
import type { Session } from "./session.ts";
import { resolveAddresses, type Address } from "./wire/socket.ts";

export interface ConnectSettings {
  /** Shown in pg_stat_activity, unless the user chose a name. */
  readonly applicationName: string;
  /** Something will be written: a server that takes no writes is refused. */
  readonly writes: boolean;
  /** Ends connecting, and later the running statement. */
  readonly signal?: AbortSignal | undefined;
  /** Keep trying this long while nothing listens yet or the server is still starting. */
  readonly waitSeconds?: number | undefined;
  /** Another database of the same server. */
  readonly database?: string | undefined;
  /** Called whenever the reason for waiting changes. */
  readonly onWait?: ((why: string) => void) | undefined;
}

type Outcome = { readonly session: Session } | { readonly failures: readonly Failure[] };

/**
 * Connects as libpq would: every host and address in turn, encrypted as sslmode says, until one
 * answers that fits target_session_attrs. Beyond authentication it takes one round trip.
 *
 * @throws PgwrightError with exit 3 (`connection-failed`, `authentication-failed`,
 * `database-missing`, `tls-failed`, `server-standby`, `server-unsupported`), or `interrupted`.
 */
export async function connect(
  options: ConnectionOptions,
  settings: ConnectSettings,
): Promise<Session> {
  const { signal, waitSeconds, onWait } = settings;
  const database = settings.database ?? options.database;
  const startedAt = performance.now();
  const deadline = waitSeconds === undefined ? undefined : startedAt + waitSeconds * 1000;
  let lastWhy: string | undefined;
  for (let pause = 100; ; pause = Math.min(pause * 2, 1000)) {
    const outcome = await tryHosts(options, { ...settings, database, deadline });
    if ("session" in outcome) return outcome.session;
    const { failures } = outcome;
    const now = performance.now();
    const isHopeful =
      failures.at(-1)?.triesNext === true && failures.some(({ isTransient }) => isTransient);
    if (deadline === undefined || now >= deadline || !isHopeful) {
      const waited = deadline !== undefined && isHopeful ? now - startedAt : undefined;
      throw summarize(failures, options, database, waited);
    }
    const why = failures.findLast(({ isTransient }) => isTransient)?.what;
    if (why !== undefined && why !== lastWhy) onWait?.(why);
    lastWhy = why;
    await pauseFor(Math.min(pause, deadline - now), signal);
  }
}

interface Attempt extends ConnectSettings {
  readonly database: string;
  /** performance.now() at which `--wait` is over. */
  readonly deadline: number | undefined;
}

/** One round over all hosts; two when any host is better than none. */
async function tryHosts(options: ConnectionOptions, attempt: Attempt): Promise<Outcome> {
  const rounds: TargetSession[] =
    options.targetSession === "prefer-standby" ? ["standby", "any"] : [options.targetSession];
  let failures: Failure[] = [];
  for (const target of rounds) {
    failures = [];
    for (const host of inOrder(options.hosts, options)) {
      const outcome = await tryHost(host, target, options, attempt);
      if ("session" in outcome) return outcome;
      failures.push(...outcome.failures);
      if (failures.at(-1)?.triesNext === false) return { failures };
    }
  }
  return { failures };
}

async function tryHost(
  host: HostOption,
  target: TargetSession,
  options: ConnectionOptions,
  attempt: Attempt,
): Promise<Outcome> {
  const explain = (error: unknown): Failure => {
    if (error instanceof PgwrightError && error.code === "interrupted") throw error;
    return explainFailure(error, host, options, attempt.database);
  };
  let addresses: readonly Address[];
  try {
    addresses = await within(options, attempt, () => resolveAddresses(host));
  } catch (error) {
    return { failures: [explain(error)] };
  }
  const failures: Failure[] = [];
  for (const address of inOrder(addresses, options)) {
    let opened: OpenedSession;
    try {
      opened = await within(options, attempt, (signal) =>
        openAt(address, options, attempt, signal),
      );
    } catch (error) {
      const failure = explain(error);
      failures.push(failure);
      if (failure.triesNext) continue;
      return { failures };
    }
    const { session } = opened;
    try {
      const misfit = await findMisfit(opened, target, host, options, attempt);
      if (misfit === undefined) return { session };
      await session[Symbol.asyncDispose]();
      // Its other addresses lead to the same server.
      return { failures: [misfit] };
    } catch (error) {
      await session[Symbol.asyncDispose]();
      return { failures: [explain(error)] };
    }
  }
  return { failures };
}

async function openAt(
  address: Address,
  options: ConnectionOptions,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<OpenedSession> {
  const { database, applicationName } = attempt;
  // The driver loads while the server answers.
  const [backend, { default: driver }] = await Promise.all([
    openBackend({ address, options, database, applicationName, signal }),
    import("postgres"),
  ]);
  return openSession(backend, driver, attempt);
}

/** Why a server that answers is not the one to use. */
async function findMisfit(
  { session, isReadOnly }: OpenedSession,
  target: TargetSession,
  host: HostOption,
  options: ConnectionOptions,
  attempt: Attempt,
): Promise<Failure | undefined> {
  const { isStandby } = session.server;
  const fits = {
    any: true,
    "prefer-standby": true,
    "read-write": !isReadOnly,
    "read-only": isReadOnly,
    primary: !isStandby,
    standby: isStandby,
  };
  const common = { host, cause: undefined, isTransient: false };
  if (!fits[target]) {
    const is = isStandby ? "a standby" : isReadOnly ? "a read-only primary" : "a primary";
    return {
      ...common,
      code: isStandby ? "server-standby" : "connection-failed",
      what: `it is ${is}, and target_session_attrs asks for ${target}`,
      triesNext: true,
    };
  }
  if (!attempt.writes || !isReadOnly) return undefined;
  const refusal = { ...common, code: "server-standby", triesNext: false } as const;
  if (!isStandby) return { ...refusal, ...(await explainReadOnly(session)) };
  return {
    ...refusal,
    what: "it is a read-only standby, and this command writes",
    hint:
      options.hosts.length > 1
        ? "target_session_attrs=primary picks the primary from the list of hosts"
        : "connect to its primary",
  };
}

// A server that is silent for this long is worth a word, though the wait goes on.
const silenceMs = 2000;

/** Bounds one step by connect_timeout, by what is left of `--wait`, and by the user's signal. */
async function within<T>(
  options: ConnectionOptions,
  attempt: Attempt,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const interrupt = () => controller.abort(interrupted());
  const left = attempt.deadline === undefined ? Infinity : attempt.deadline - performance.now();
  const limit = Math.min((options.connectTimeout ?? Infinity) * 1000, Math.max(left, 1000));
  const expire = () => {
    const message = `no answer within ${(limit / 1000).toFixed(0)} s`;
    controller.abort(Object.assign(new Error(message), { code: "ETIMEDOUT" }));
  };
  const timer = limit === Infinity ? undefined : setTimeout(expire, limit);
  const silence = setTimeout(() => attempt.onWait?.("no answer from the server yet"), silenceMs);
  if (attempt.signal?.aborted) interrupt();
  attempt.signal?.addEventListener("abort", interrupt, { once: true });
  try {
    controller.signal.throwIfAborted();
    // A name lookup cannot be called off, so it is left behind.
    return await Promise.race([work(controller.signal), aborted(controller.signal)]);
  } finally {
    clearTimeout(timer);
    clearTimeout(silence);
    attempt.signal?.removeEventListener("abort", interrupt);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

async function pauseFor(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw interrupted();
  }
}

function interrupted(): PgwrightError {
  return new PgwrightError("interrupted", "interrupted while connecting");
}

function inOrder<T>(items: readonly T[], { balancesHosts }: ConnectionOptions): readonly T[] {
  if (!balancesHosts) return items;
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}
