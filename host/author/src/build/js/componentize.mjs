// Makes a component of a JavaScript module, called by `js.rs` as
// `node componentize.mjs TOOLS ENGINE WIT WORLD SOURCE COMPONENT`.
//
// Owns: which parts of WASI a plugin has (none), and that folders and the
// environment leave no trace in the component. Must not know: the project.

import { createRequire, syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [tools, engine, witPath, worldName, sourcePath, component] = process.argv.slice(2);

// The engine runs once while it is made and is kept as it then is, with all the
// paths that it saw: it sees the same ones wherever the folders are.
const processes = createRequire(import.meta.url)('node:child_process');
const { spawnSync } = processes;
const SEEN = '/lombard-initializer';
processes.spawnSync = (program, args, options) => {
  const input = args.at(-1);
  const sources = join(dirname(input), 'sources');
  const mapped = args.map((arg) => (arg === `--dir=${sources}` ? `--mapdir=${SEEN}::${sources}` : arg));
  const words = options.input
    .replaceAll(sources, SEEN)
    .replace(/--strip-path-prefix \S+/, '--strip-path-prefix /');
  return spawnSync(program, mapped, { ...options, input: words });
};
syncBuiltinESMExports();

// It bakes the time of the build into what a plugin's `Date.now()` gives.
Date.now = () => 0;

const library = join(tools, 'node_modules/@bytecodealliance/componentize-js/src/componentize.js');
const { componentize } = await import(pathToFileURL(library));

try {
  const made = await componentize({
    sourcePath,
    witPath,
    worldName,
    engine,
    disableFeatures: ['stdio', 'random', 'clocks', 'http', 'fetch-event'],
  });
  writeFileSync(component, made.component);
} catch (error) {
  // The stack is of this script, not of the plugin.
  console.error(error?.message ?? error);
  process.exit(1);
}
