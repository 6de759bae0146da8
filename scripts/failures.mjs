/**
 * What failed in one report of vitest's JSON reporter: `FAILED file: test` and the first lines why.
 * What failed first and passed when tried again is named as well, as `SECOND TRY`: it counts as
 * passed, and is never silent.
 */
import { relative } from "node:path";

const mostLines = 20;

export function failuresOf(report, label = "") {
  return report.testResults.flatMap((file) => {
    const path = relative(process.cwd(), file.name);
    const troubled = file.assertionResults.filter((test) => test.failureMessages.length > 0);
    // A file that could not be loaded has no tests; its own message says why.
    if (file.status === "failed" && troubled.length === 0) {
      return [`FAILED ${label}${path}\n${reason([file.message])}`];
    }
    return troubled.map((test) => {
      const what = test.status === "failed" ? "FAILED" : "SECOND TRY";
      return `${what} ${label}${path}: ${test.fullName}\n${reason(test.failureMessages)}`;
    });
  });
}

function reason(messages) {
  return messages.join("\n").split("\n").slice(0, mostLines).join("\n");
}
