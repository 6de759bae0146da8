/** Kept data as parts of the migrations that put them back. */
import type { Job } from "../apply.ts";
import type { Since } from "../ledger-sql.ts";
import type { Kept } from "./restore-sql.ts";
import { noteChangesSql, restoreSql } from "./restore-sql.ts";

/** The jobs, each with its data put back in the transaction that records it. */
export function planRestoring(jobs: readonly Job[], kept: readonly Kept[]): Job[] {
  return jobs.map((job) => {
    const own = kept.filter(
      ({ version }) => "change" in job.prepared && version === job.prepared.file.version,
    );
    if (own.length === 0) return job;
    const { record } = job.work;
    const changes = noteChangesSql(own);
    const work = {
      ...job.work,
      ...(changes.length > 0 ? { prologue: changes } : {}),
      record: (since: Since) => [...restoreSql(own), ...record(since)],
    };
    return { ...job, work };
  });
}
