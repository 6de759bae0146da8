import type { Change } from "./schema-version.ts";

/** What one statement, or one part of it, means for programs that use the schema. */
export interface Judgement {
  readonly change: Change;
  /** "column `users.full_name` is renamed" */
  readonly reason: string;
  /** False where it depends on what is in the database; a declaration may then say less. */
  readonly isCertain: boolean;
}

/** A change that follows from the statement alone. */
export function certainly(change: Change, reason: string): Judgement {
  return { change, reason, isCertain: true };
}

/** A change as far as the statement tells. */
export function presumably(change: Change, reason: string): Judgement {
  return { change, reason, isCertain: false };
}
