/** What stays ours while the code of migrations runs in this process: stdout and the exit status. */
import { PgwrightError } from "../errors.ts";

export interface OwnProcess {
  /** The real stdout, for the terminal alone. */
  readonly stdout: NodeJS.WriteStream;
  /** The real process.exit. */
  exit(code: number): never;
  /** The command is done: whoever leaves from now on leaves with its exit status. */
  settle(code: number): void;
}

/**
 * What anybody else prints with console.log or process.stdout.write goes to stderr from now on, and
 * process.exit throws `migration-code`: a migration must not end the command as if it were done.
 */
export function takeProcess(process: NodeJS.Process): OwnProcess {
  const { stdout, stderr } = process;
  const exit = process.exit.bind(process);
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  process.exit = (code) => {
    throw new PgwrightError("migration-code", `\`process.exit(${code ?? ""})\` was called`, {
      hint: "a migration ends by returning or by throwing",
    });
  };
  return {
    stdout: new Proxy(stdout, {
      get: (stream, key): unknown => (key === "write" ? write : Reflect.get(stream, key)),
    }),
    exit,
    settle(code) {
      process.exit = () => exit(code);
    },
  };
}
