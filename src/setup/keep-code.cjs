// Loaded before the program by code-cache.mjs: at its end, what was compiled of its packs is written beside them. The files
// are opened at once, since the program gives up its rights.
'use strict';
const {openSync, writeSync} = require('node:fs');
const v8 = require('node:v8');
const vm = require('node:vm');

// V8 takes a cache only under the flags that it was made under: the program's later ones (v8-flags.ts) would have it refused
v8.setFlagsFromString = () => {};

const packs = [];
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    const pack = /^.*\/packs\/[\w-]+(?=\.js$)/.exec(options?.filename ?? '');
    if (pack === null) return;
    packs.push({script: this, file: openSync(`${pack[0]}.${process.arch}-${process.versions.v8}.cache.new`, 'w')});
  }
};
process.on('exit', () => {
  for (const {script, file} of packs) writeSync(file, script.createCachedData());
});
