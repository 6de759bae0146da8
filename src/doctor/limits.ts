/** From where on a number is worth a word. Every threshold of `doctor` stands here. */

export interface Limits {
  /** An open transaction that does nothing holds its locks and keeps vacuum from cleaning. */
  readonly idleTransactionSeconds: number;
  readonly activeTransactionSeconds: number;
  /** A session that waits this long for a lock makes its blocker a finding, however young. */
  readonly blockedSeconds: number;
  /** Transaction managers resolve a prepared transaction within seconds. */
  readonly preparedTransactionSeconds: number;
  readonly replicationLagBytes: number;
  readonly replicationLagSeconds: number;
  /** WAL kept for an inactive slot at which a warning becomes an error. */
  readonly slotRetentionBytes: number;
  /** Age of the oldest transaction id; of 2^31 the server refuses writes 3 million before the end. */
  readonly xidAge: number;
  readonly xidAgeCritical: number;
  /** Share of a sequence's or key column's values that is used. */
  readonly valuesUsed: number;
  readonly valuesUsedCritical: number;
  /** Fewer dead rows than this are nobody's worry. */
  readonly deadRows: number;
  /** So many times the number of dead rows at which autovacuum should have come. */
  readonly deadRowsFactor: number;
  readonly connectionsUsed: number;
  /** Share of the lock table that one query over a partitioned table may need. */
  readonly lockTableShare: number;
  /** A default partition is counted up to here. */
  readonly countedRows: number;
  /** Days before the end of a major version's support. */
  readonly supportDays: number;
}

const gib = 1024 ** 3;

export const defaultLimits: Limits = {
  idleTransactionSeconds: 60,
  activeTransactionSeconds: 30 * 60,
  blockedSeconds: 5,
  preparedTransactionSeconds: 10 * 60,
  replicationLagBytes: gib,
  replicationLagSeconds: 5 * 60,
  slotRetentionBytes: 10 * gib,
  // Five times the age at which autovacuum starts by itself (autovacuum_freeze_max_age, 200 million).
  xidAge: 1_000_000_000,
  // vacuum_failsafe_age: from here on vacuum drops everything else to finish in time.
  xidAgeCritical: 1_600_000_000,
  valuesUsed: 0.75,
  valuesUsedCritical: 0.9,
  deadRows: 100_000,
  deadRowsFactor: 3,
  connectionsUsed: 0.9,
  lockTableShare: 0.5,
  countedRows: 10_000,
  supportDays: 180,
};
