/** How src/ becomes dist/: esbuild's options, for the build and for the test that reads what it made. */
import { build, transform } from "esbuild";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "..");
const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

// What stays a dependency is loaded from node_modules: it holds WebAssembly, a server, or is rare.
const external = [
  ...Object.keys(packageJson.dependencies),
  ...Object.keys(packageJson.optionalDependencies),
];

/** Compiling takes time by the byte. Names stay, for stack traces. */
const smaller = { minifyWhitespace: true, minifySyntax: true, lineLimit: 200 };

const common = {
  ...smaller,
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20",
  loader: { ".sql": "text" },
  legalComments: "linked",
  logLevel: "warning",
  metafile: true,
};

/**
 * Only a module may call `import()` here, as V8 forgets who asked when bytecode comes from a cache:
 * in the script, `import("jiti")` of what is not bundled becomes a call of `importOutside`. The
 * stand-in exports `then`, and so `import()` of it waits for that, and gives what that gives.
 */
const outside = {
  name: "outside",
  setup({ onResolve, onLoad }) {
    const packages = external.map((name) => name.replaceAll(/[^\w-]/g, "\\$&"));
    onResolve(
      { filter: new RegExp(`^(?:node:.*|(?:${packages.join("|")})(?:/.*)?)$`) },
      ({ kind, path }) => (kind === "dynamic-import" ? { path, namespace: "outside" } : undefined),
    );
    onLoad({ filter: /.*/, namespace: "outside" }, ({ path }) => ({
      // Node's own modules need no loader of modules, which itself takes 5 ms to load.
      contents: path.startsWith("node:")
        ? `export const then = (done) => done(require(${JSON.stringify(path)}));`
        : `export const then = (done, failed) => importOutside(${JSON.stringify(path)}).then(done, failed);`,
    }));
  },
};

/** The glue of the parser itself in place of the file that loads it. */
const glue = {
  name: "glue",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/parser-glue\.ts$/ }, () => ({
      path: "libpg-query/wasm/libpg-query.js",
      namespace: "glue",
    }));
    onLoad({ filter: /.*/, namespace: "glue" }, ({ path }) => ({
      contents: readFileSync(join(root, "node_modules", path), "utf8"),
      loader: "js",
    }));
  },
};

/**
 * Node's own modules that a file asks for at its top and rarely uses: each takes 1 to 9 ms to load,
 * of the 90 that `status` and `lint` of one file take longer than Node itself.
 */
const rarelyUsed = [
  // Only for commands that are programs of their own.
  {
    asks: "commander/lib/command.js",
    for: "node:child_process",
    gets: `exports.spawn = (...args) => require("node:child_process").spawn(...args);`,
  },
  {
    asks: "postgres/src/connection.js",
    for: "perf_hooks",
    gets: "export const { performance } = globalThis;",
  },
  // src/db/wire encrypts connections before the driver has them.
  {
    asks: "postgres/src/connection.js",
    for: "tls",
    gets: `export default { connect: (...args) => require("node:tls").connect(...args) };`,
  },
  // Where SQL is only parsed there is nothing to hash.
  ...["src/db/script.ts", "src/migrate/section.ts"].map((asks) => ({
    asks,
    for: "node:crypto",
    gets: `export const createHash = (...args) => require("node:crypto").createHash(...args);`,
  })),
];

const later = {
  name: "later",
  setup({ onResolve, onLoad, onEnd }) {
    const asked = new Set();
    const filter = new RegExp(`^(?:${rarelyUsed.map((one) => one.for).join("|")})$`);
    onResolve({ filter }, ({ importer, namespace, path }) => {
      // The stand-in asks for the module itself, in the name of the file that it stands in for.
      if (namespace === "later") return undefined;
      const found = rarelyUsed.find((one) => one.for === path && importer.endsWith(one.asks));
      if (found === undefined) return undefined;
      asked.add(found);
      return { path: `${path} for ${found.asks}`, namespace: "later", pluginData: found };
    });
    onLoad({ filter: /.*/, namespace: "later" }, ({ pluginData }) => ({
      contents: pluginData.gets,
    }));
    onEnd(() => {
      const errors = rarelyUsed
        .filter((one) => !asked.has(one))
        .map((one) => ({ text: `${one.asks} does not ask for ${one.for} any more` }));
      return { errors };
    });
  },
};

/** Writes the command line's files to `directory`/cli; returns esbuild's record of the script. */
export async function bundleCommandLine(directory) {
  const outdir = join(directory, "cli");
  const [script] = await Promise.all([
    buildScript(outdir),
    // Alone, because `--version` must not wait for the rest to be read.
    build({
      ...common,
      entryPoints: ["src/cli/main.ts"],
      outdir,
      format: "cjs",
      outExtension: { ".js": ".cjs" },
      define: { "import.meta.dirname": "__dirname" },
    }),
  ]);
  // eslint-disable-next-line no-control-regex
  const odd = /[^\x00-\x7f]/.exec(script.text);
  if (odd !== null) {
    const around = script.text.slice(odd.index - 40, odd.index + 10);
    throw new Error(`the script must be ASCII; esbuild escapes no regular expressions: ${around}`);
  }
  await mkdir(outdir, { recursive: true });
  const path = join(outdir, "run.script.js");
  await Promise.all([writeFile(path, script.text), writeFile(`${path}.LEGAL.txt`, script.legal)]);
  return script.metafile;
}

/**
 * One script, as only a script can be given bytecode on every version of Node. In it each chunk is a
 * function that is run when it is first needed: with all functions of src/ side by side at the top,
 * V8 made every one of them at each start, and `status` took 20 ms longer.
 */
async function buildScript(outdir) {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: { "run.script": "src/cli/run.ts" },
    outdir,
    write: false,
    external,
    format: "esm",
    splitting: true,
    chunkNames: "[name]-[hash]",
    plugins: [outside, glue, later],
    // The glue would look for its WebAssembly there, and is given it.
    define: { "import.meta.url": "scriptUrl", __dirname: '""' },
  });
  const isChunk = ({ path }) => path.endsWith(".js");
  const chunks = await Promise.all(outputFiles.filter(isChunk).map(wrapChunk));
  const legal = outputFiles.filter((file) => !isChunk(file)).map(({ text }) => text);
  return {
    text: `${loader.head}${chunks.join("")}${loader.tail}`,
    legal: legal.join(""),
    metafile,
  };
}

/**
 * A chunk as a method that takes `require`, which knows its siblings, and `chunk`, whose exports it
 * sets when it is done: so nothing may export a variable that changes later. As getters, which esbuild
 * would make of them, exports cost each call from chunk to chunk two more. Chunks that import each
 * other at the top would be one chunk.
 */
async function wrapChunk({ path, text }) {
  // Behind it, at most a word about licences.
  const list = /export\{([^{}]*)\};?\s*(?:\/\*![^*]*\*\/\s*)?$/.exec(text);
  const exported = (list?.[1].split(",") ?? []).map((one) => {
    const [name, as = name] = one.trim().split(" as ");
    return `${as}:${name}`;
  });
  const body = text.slice(0, list?.index);
  const { code } = await transform(
    `${body}chunk.exports={__esModule:true,${exported.join(",")}};`,
    {
      format: "cjs",
      platform: common.platform,
      target: common.target,
      // Then `import("./sibling.js")` becomes a promise of `require("./sibling.js")`.
      supported: { "dynamic-import": false },
      ...smaller,
      // Read as Latin-1, which is a copy and not a decoding.
      charset: "ascii",
      legalComments: "none",
    },
  );
  if (code.includes("__toCommonJS(")) throw new Error(`${path} exports other than in one list`);
  return `${JSON.stringify(`./${basename(path)}`)}(require,chunk){${code}},\n`;
}

/** What src/cli/code-cache.ts calls, around the chunks. */
const loader = {
  head: "(function (requireOutside, module, scriptUrl, importOutside) {\nconst chunks = {\n",
  tail: `};
const loaded = new Map();
function require(name) {
  if (!Object.hasOwn(chunks, name)) return requireOutside(name);
  let chunk = loaded.get(name);
  if (chunk === undefined) {
    chunk = {};
    loaded.set(name, chunk);
    try {
      chunks[name](require, chunk);
    } catch (error) {
      loaded.delete(name);
      throw error;
    }
  }
  return chunk.exports;
}
module.exports = require("./run.script.js");
})
`,
};

/** Writes the library to `directory`/index.js and testing.js, which share one PgwrightError. */
export async function bundleLibrary(directory) {
  await build({
    ...common,
    entryPoints: ["src/index.ts", "src/testing.ts"],
    outdir: directory,
    external,
    format: "esm",
    splitting: true,
    chunkNames: "library/[name]-[hash]",
    // Bundled CommonJS packages call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}
