#!/usr/bin/env node
// Becomes dist/cli.js: runs the program, which the build made into packs of modules (src/setup/packs.mjs). Compiled code
// of a pack lies beside it, good for the very Node that made it; with another one, Node loads the pack as any module.
// Of the single executable, both are assets.
'use strict';
const {readFileSync} = require('node:fs');
const path = require('node:path');
const {Script} = require('node:vm');

const sea = process.getBuiltinModule?.('node:sea');
const inside = sea?.isSea() === true;
const home = inside ? path.dirname(process.execPath) : path.join(__dirname, 'packs');
const self = inside ? process.execPath : __filename;
const url = /^[\w./-]+$/.test(self) ? `file://${self}` : require('node:url').pathToFileURL(self).href;
/** Their files, called after what is in them: V8 does not see by itself that a cache is of another text. */
const packs = __PACKS__;
const modules = new Map();
const loaded = new Map();

function part(name) {
  try {
    return inside ? Buffer.from(sea.getRawAsset(name)) : readFileSync(path.join(home, name));
  } catch {
    return undefined;
  }
}

function pack(name) {
  const known = modules.get(name);
  if (known !== undefined) return known;
  const file = path.join(home, `${packs[name]}.js`);
  const cachedData = part(`${packs[name]}.${process.arch}-${process.versions.v8}.cache`);
  const found =
    cachedData === undefined && !inside
      ? require(file)
      : new Script(part(path.basename(file)).latin1Slice(), {filename: file, cachedData}).runInThisContext();
  modules.set(name, found);
  return found;
}

/** './PACK/NAME' is a module of a pack; others are Node's own, or files. */
function load(id) {
  const known = loaded.get(id);
  if (known !== undefined) return known.exports;
  if (!id.startsWith('.')) return require(id);
  const [, from, name] = id.split('/');
  const module = {exports: {}};
  loaded.set(id, module);
  pack(from)[name](module, module.exports, load, url);
  return module.exports;
}
/** It is run when something of it is first asked for; one of Node's own is its default export itself. */
load.later = (id) => new Proxy({}, {get: (_, name) => (name === 'default' && !id.startsWith('.') ? load(id) : load(id)[name])});

// what esbuild would put in front of each module. Of a module of Node's nothing is copied
load.__export = (target, all) => {
  for (const name in all) Object.defineProperty(target, name, {get: all[name], enumerable: true});
};
load.__toCommonJS = (module) => Object.defineProperty(module, '__esModule', {value: true});
load.__toESM = (module, asNode) => (asNode || !module?.__esModule ? Object.create(module, {default: {value: module}}) : module);

load.file = self;

load('./core/cli.js');
