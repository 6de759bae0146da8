/** Times and sizes of test databases, in milliseconds. */

/** How long a template is kept after its last use; building one again takes seconds. */
export const templateTtlMs = 24 * 3_600_000;

/** Lease of a template that is being built, renewed while its builder is alive. */
export const draftTtlMs = 5 * 60_000;

/** How often a lease is renewed in its time: twice it may fail and nothing is lost. */
export const renewalsPerLease = 3;
