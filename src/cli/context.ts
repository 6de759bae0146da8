import type { Config } from "../config/load.ts";
import type { EmbeddedLocation } from "../db/embedded/server.ts";
import type { ConnectionOptions } from "../db/libpq.ts";
import type { Session } from "../db/session.ts";
import type { EventListener } from "../events.ts";
import type { GlobalOptions } from "./options.ts";
import type { Terminal } from "./terminal.ts";

/** What a command may use. Nothing is read or opened before it is asked for. */
export interface Context {
  readonly terminal: Terminal;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  readonly globals: GlobalOptions;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the user stands; relative paths mean this. */
  readonly workingDirectory: string;
  /** Where progress goes. */
  readonly events: EventListener;
  /** pgwright.yaml, `.env` and the environment, merged, with the origin of every value. */
  config(): Promise<Config>;
  /** The completion script of a shell, from the command tree this runs in. */
  completionScript(shell: string): Promise<string>;
  /** Where this project's embedded server keeps its data. */
  embeddedLocation(): Promise<EmbeddedLocation>;
  /** Which database flags, environment and configuration name; starts the embedded server for it. */
  place(): Promise<Place>;
  /** Hands the terminal to another program until it ends; its exit status. */
  runInForeground(
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string | undefined>>,
  ): Promise<number>;
  /** Opens the database that flags, environment and configuration name; prints which one. */
  connect(need: ConnectNeed): Promise<Session>;
  /**
   * For work on many sessions at once: of the configured database, or of the one a URL names, which
   * is said with this word before it.
   */
  opener(url?: string, role?: "into" | "against"): Promise<Opener>;
}

/** Opens one session after the other on the same database, and says nothing of it. */
export interface Opener {
  /** The database's name. */
  readonly database: string;
  open(need: {
    readonly writes: boolean;
    readonly signal?: AbortSignal | undefined;
    readonly database?: string | undefined;
  }): Promise<Session>;
}

/** A database that is chosen and not yet connected to. */
export interface Place {
  readonly options: ConnectionOptions;
  /** For work that a transaction pooler would break; the same as `options` where none is named. */
  readonly directOptions: ConnectionOptions;
  readonly environmentName: string | undefined;
  /** Its environment says `protected: true`. */
  readonly isProtected: boolean;
  readonly isEmbedded: boolean;
}

export interface ConnectNeed {
  /** Something will be written: a server that takes no writes is refused. */
  readonly writes: boolean;
  /** Use `--direct-url` where one is given: the work does not run behind a pooler. */
  readonly direct?: boolean;
  /** Another database of the same server (`postgres`), for work on databases themselves. */
  readonly database?: string;
}
