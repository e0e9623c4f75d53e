#!/usr/bin/env node
// Becomes dist/cli.js: runs the program, which the build made into packs of modules (src/setup/packs.mjs). Compiled code
// of a pack lies beside it, good for the very Node that made it; with another one, Node loads the pack as any module.
// Of the single executable, both are assets.
'use strict';
const {readFileSync} = require('node:fs');
const path = require('node:path');
const {pathToFileURL} = require('node:url');
const {Script} = require('node:vm');

const sea = process.getBuiltinModule?.('node:sea');
const inside = sea?.isSea() === true;
const home = inside ? path.dirname(process.execPath) : path.join(__dirname, 'packs');
const url = pathToFileURL(inside ? process.execPath : __filename).href;
/** Their files, called after what is in them: V8 does not see by itself that a cache is of another text. */
const packs = __PACKS__;
const modules = {};
const loaded = new Map();

function part(name) {
  try {
    return inside ? Buffer.from(sea.getRawAsset(name)) : readFileSync(path.join(home, name));
  } catch {
    return undefined;
  }
}

function addPack(pack) {
  const name = packs[pack];
  const file = `${name}.js`;
  const cachedData = part(`${name}.${process.arch}-${process.versions.v8}.cache`);
  if (cachedData === undefined && !inside) return void Object.assign(modules, require(path.join(home, file)));
  const script = new Script(part(file).latin1Slice(), {filename: path.join(home, file), cachedData});
  Object.assign(modules, script.runInThisContext());
}

/** A module of a pack, or one of Node's own. */
function load(id) {
  if (!id.startsWith('.')) return require(id);
  const name = path.basename(id);
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  if (modules[name] === undefined) addPack('screen');
  const module = {exports: {}};
  loaded.set(name, module);
  modules[name](module, module.exports, load, url);
  return module.exports;
}
/** It is run when something of it is first asked for. */
load.later = (id) => new Proxy({}, {get: (_, name) => load(id)[name]});

addPack('core');
load('./cli.js');
