import { shellWord } from "../db/shell-word.ts";
import { PgwrightError } from "../errors.ts";

/** How a person may agree: by `--confirm`, or by typing the name when there is a terminal. */
export interface Consent {
  /** The value of `--confirm`. */
  readonly given: string | undefined;
  /** Asks a question and returns the answer; absent without a terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

/** What a person can do about it here: the flag they gave, the terminal they sit at. */
export interface ConsentSource {
  readonly globals: { readonly confirm?: string };
  readonly terminal: {
    readonly isInteractive: boolean;
    ask(question: string, signal?: AbortSignal): Promise<string>;
  };
  readonly signal: AbortSignal;
}

export function findConsent({ globals, terminal, signal }: ConsentSource): Consent {
  return {
    given: globals.confirm,
    ask: terminal.isInteractive ? (question) => terminal.ask(question, signal) : undefined,
  };
}

/**
 * Fails early when nobody can agree: before anything is connected to.
 *
 * @throws PgwrightError `confirmation-needed`.
 */
export function requireConsentPossible(consent: Consent, database: string, command: string): void {
  if (consent.given === database) return;
  if (consent.given !== undefined) {
    throw new PgwrightError(
      "confirmation-needed",
      `--confirm says \`${consent.given}\`, but the database is \`${database}\``,
      { hint: `if that is the one you mean: \`${command} --confirm ${shellWord(database)}\`` },
    );
  }
  if (consent.ask === undefined) {
    throw new PgwrightError(
      "confirmation-needed",
      `\`${command}\` needs to be confirmed for \`${database}\`, and there is no terminal to ask on`,
      { hint: `\`${command} --confirm ${shellWord(database)}\`` },
    );
  }
}

/**
 * Returns when the person agreed to what `question` says.
 *
 * @throws PgwrightError `confirmation-needed` when the typed name is another one.
 */
export async function confirmByName(
  consent: Consent,
  database: string,
  command: string,
  question: string,
): Promise<void> {
  requireConsentPossible(consent, database, command);
  if (consent.given === database || consent.ask === undefined) return;
  const answer = await consent.ask(`${question}\nType the database's name to go on: `);
  if (answer.trim() === database) return;
  throw new PgwrightError("confirmation-needed", "not confirmed: nothing was changed", {
    hint: `the name to type was \`${database}\``,
  });
}
