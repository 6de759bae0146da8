#!/usr/bin/env node
// Not a module: Node's loader of modules takes 8 ms to load.
const { main } = require("../dist/cli/main.cjs");

main(process).then((exit) => {
  process.exitCode = exit;
});
