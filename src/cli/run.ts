/** One command line, from parsing to the printed result. */
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { PgwrightError } from "../errors.ts";
import { reaches } from "../findings.ts";
import { beforeParsing } from "../db/parser.ts";
import { version } from "../version.ts";
import type { RunContext } from "./connection.ts";
import { createContext } from "./connection.ts";
import { optimiseLate } from "./engine.ts";
import type { Head, Output } from "./output.ts";
import { printError, printHelp, printHelpAsError, printResult, printVersion } from "./output.ts";
import type { OwnProcess } from "./own-process.ts";
import { takeProcess } from "./own-process.ts";
import type { Request } from "./parse.ts";
import { isColorWanted, parseCommandLine, readManner } from "./parse.ts";
import { definitionOf, pathOf } from "./program.ts";
import { Progress } from "./progress.ts";
import { asPgwrightError } from "./render/error.ts";
import { chosenPlace } from "./repeat.ts";
import { watchSignals } from "./signals.ts";
import { Terminal } from "./terminal.ts";

export interface Answer {
  /** The exit status. */
  readonly exit: number;
  /** The command as typed that was carried out, or "help"; nothing for a line not understood. */
  readonly ran?: string;
}

/** Runs a command line. */
export async function runCommandLine(
  process: NodeJS.Process,
  argv: readonly string[],
): Promise<Answer> {
  const { stderr, env } = process;
  const own = takeProcess(process);
  beforeParsing(() => optimiseLate(process.versions.node));
  const { stdout } = own;
  const streams = {
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    env,
  };
  const manner = readManner(argv, env);
  const isObeyed = manner.format === "github";
  const terminal = new Terminal(streams, isColorWanted(argv, env), isObeyed);
  const output: Output = {
    terminal,
    ...manner,
    workingDirectory: process.cwd(),
    environment: process.env,
    place: [],
  };
  const release = catchStrays(process, own, output);
  const answered = await answer(process, own, output, argv);
  const { exit } = answered;
  const failure = await terminal.flush();
  release();
  own.settle(failure === undefined ? exit : 4);
  // What the code of a migration has left running must not outlive an interrupt.
  if (exit === 130 || exit === 143) own.exit(exit);
  if (failure === undefined) return answered;
  const lost = new PgwrightError("file-unwritable", `stdout does not take it: ${failure.message}`, {
    hint: "the output is incomplete; what the command did otherwise is done",
  });
  await printError({ ...output, format: "text" }, { command: null }, lost, lost.exit);
  return { exit: lost.exit };
}

async function answer(
  process: NodeJS.Process,
  own: OwnProcess,
  output: Output,
  argv: readonly string[],
): Promise<Answer> {
  let head: Head = { command: null };
  try {
    const request = await parseCommandLine(argv, process.env);
    if (request.kind === "version") {
      printVersion(output, head, version);
      return { exit: 0 };
    }
    head = { command: nameOf(request.command) };
    if (request.kind === "help") {
      await printHelp(output, head, request.command);
      return { exit: 0, ran: "help" };
    }
    await output.terminal.loadStyles();
    if (request.kind === "run") {
      const exit = await runCommand(process, own, output, request);
      return exit > 1 ? { exit } : { exit, ran: pathOf(request.command).join(" ") };
    }
    if (request.isUnfinished && output.format === "text") {
      await printHelpAsError(output, request.command);
      return { exit: request.error.exit };
    }
    await printError(output, head, request.error, request.error.exit);
    return { exit: request.error.exit };
  } catch (thrown) {
    const error = asPgwrightError(thrown);
    await printError(output, head, error, error.exit);
    return { exit: error.exit };
  }
}

async function runCommand(
  process: NodeJS.Process,
  own: OwnProcess,
  early: Output,
  request: Extract<Request, { kind: "run" }>,
): Promise<number> {
  const { definition, alias, command, globals } = request;
  const output = {
    ...early,
    format: globals.format,
    isVerbose: globals.verbose,
    place: chosenPlace(globals),
  };
  const { terminal } = output;
  const progress = new Progress(terminal, { isQuiet: globals.quiet });
  if (alias !== undefined) {
    const message = `\`${alias}\` is called \`${definition.path}\` here`;
    progress.listen({ type: "notice", level: "info", message });
  }
  const interrupt = watchSignals(process, own, () => {
    progress.finish();
    if (terminal.isInteractive) terminal.err("\nstopping; Ctrl-C again leaves at once");
    void endWaits(new PgwrightError("interrupted", "interrupted"));
  });
  const purpose = definition.purposeOf?.(command.opts()) ?? definition.purpose ?? "configured";
  const context = createContext({ purpose, process, terminal, globals, interrupt, progress });
  try {
    if (output.format === "sarif" && definition.findings === undefined) {
      throw new PgwrightError(
        "usage",
        `\`${definition.path}\` finds nothing that SARIF could hold`,
        {
          hint: "`--format json` is for programs",
        },
      );
    }
    const options = command.opts();
    const result = await definition.run(context, options, ...command.processedArgs);
    progress.finish();
    const findings = definition.findings?.(result) ?? [];
    const exit = definition.exit?.(result, options) ?? (reaches(findings, "error") ? 1 : 0);
    const head = headOf(definition.path, context);
    await printResult(output, head, definition, result, { exit, options });
    return exit;
  } catch (thrown) {
    progress.finish();
    const code = interrupt.exitCode();
    const error = asPgwrightError(thrown, code !== undefined);
    const exit = code !== undefined && error.code === "interrupted" ? code : error.exit;
    await printError(output, headOf(definition.path, context), error, exit);
    return exit;
  } finally {
    interrupt.dispose();
  }
}

function headOf(command: string, context: RunContext): Head {
  const database = context.databaseName();
  return database === undefined ? { command } : { command, database };
}

/** A hidden alias goes by the name it stands for. */
function nameOf(command: CommandUnknownOpts): string | null {
  return definitionOf(command)?.path ?? (pathOf(command).join(" ") || null);
}

/** For the code of a migration that is waited for; false when there is none. */
async function endWaits(reason?: unknown): Promise<boolean> {
  const wait = await import("../migrate/code-wait.ts");
  return wait.endWaits(reason);
}

/**
 * A rejected promise that nobody waited for, or work that never ends though nothing is left to do,
 * is a bug: it is told as one, and never by a bare stack or an exit status of Node's own. While the
 * code of a migration runs it is that code's, whose command then fails in order.
 */
function catchStrays(process: NodeJS.Process, own: OwnProcess, output: Output): () => void {
  const fail = async (thrown: unknown) => {
    if (await endWaits(thrown)) return;
    release();
    const error = asPgwrightError(thrown);
    await printError(output, { command: null }, error, error.exit).finally(() =>
      own.exit(error.exit),
    );
  };
  const crash = (thrown: unknown) => void fail(thrown);
  const stall = () => {
    void endWaits().then((isCode) => {
      if (!isCode) crash(new Error("the command stopped without an end"));
    });
  };
  const release = () => {
    process.off("uncaughtException", crash);
    process.off("beforeExit", stall);
  };
  // Node turns a rejection that nobody handles into an uncaught exception.
  process.on("uncaughtException", crash);
  process.on("beforeExit", stall);
  return release;
}
