/* eslint-disable no-console */
import { startCluster } from "../test/support/cluster.ts";
import type { Contender, Figures } from "./measure.ts";
import { measure, report } from "./measure.ts";
import { adoptMillion } from "./adopt.ts";
import { maskedCopy } from "./anonymize.ts";
import { applyThousand } from "./apply.ts";
import { auditUpdates } from "./audit.ts";
import { backfillMillions } from "./backfill.ts";
import { coldStart } from "./cold.ts";
import { lintBesideSquawk } from "./lint.ts";
import { lockMatrix } from "./locks.ts";
import { testDatabases } from "./testdb.ts";
import { findPersonalData } from "./pii.ts";
import { maskedInPlace } from "./in-place.ts";
import { seedUsers } from "./seed.ts";
import { seedFitnessHub, seedTenMillion } from "./seed-large.ts";
import { slowQueries } from "./slow-queries.ts";

export interface Place {
  readonly root: string;
  /** Superuser URL of a throwaway server with its defaults, fsync included. */
  readonly serverUrl: string;
}

/** A benchmark prepares its contenders; the first one is what the others are compared with. */
export interface Benchmark {
  readonly title: string;
  readonly runs: number;
  readonly contenders: readonly Contender[];
  /** "at most 1.4 times `psql -1`", checked by eye: noisy machines decide nothing. */
  readonly targets: readonly string[];
  /** Further figures of the last run, a line each. */
  remarks?(): Promise<readonly string[]>;
  cleanUp(): Promise<void>;
}

const benchmarks: Record<string, (place: Place) => Promise<Benchmark>> = {
  apply: applyThousand,
  cold: coldStart,
  audit: auditUpdates,
  testdb: testDatabases,
  lint: lintBesideSquawk,
};

/** What is no race of processes: each says itself what it has measured. */
const reports: Record<string, (place: Place) => Promise<string>> = {
  adopt: adoptMillion,
  anonymize: maskedCopy,
  "in-place": maskedInPlace,
  seed: seedUsers,
  pii: findPersonalData,
  "slow-queries": slowQueries,
  locks: lockMatrix,
};

/** Minutes each, so they run only when they are named. */
const longReports: Record<string, (place: Place) => Promise<string>> = {
  backfill: backfillMillions,
  "seed-fitnesshub": seedFitnessHub,
  "seed-memory": seedTenMillion,
};

export async function main(root: string, names: readonly string[]): Promise<void> {
  await using cluster = await startCluster({ settings: serverDefaults });
  for (const [name, prepare] of Object.entries(benchmarks)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const benchmark = await prepare({ root, serverUrl: cluster.url });
    console.log(`\n${benchmark.title}`);
    const figures: Figures[] = await measure(benchmark.contenders, benchmark.runs);
    console.log(report(figures));
    for (const remark of (await benchmark.remarks?.()) ?? []) console.log(remark);
    for (const target of benchmark.targets) console.log(`target: ${target}`);
    await benchmark.cleanUp();
  }
  for (const [name, tell] of Object.entries({ ...reports, ...longReports })) {
    const isMeant = names.length === 0 ? name in reports : names.includes(name);
    if (!isMeant) continue;
    console.log(`\n${await tell({ root, serverUrl: cluster.url })}`);
  }
}

/** What the servers of tests change for speed and for their tests. */
const serverDefaults = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  // It costs each statement, also the ones that frame a migration, several microseconds.
  shared_preload_libraries: "",
  // `logical` writes more for each change of the catalog.
  wal_level: "replica",
};
