// Loaded before the program by code-cache.mjs: at its end, what was compiled of its packs is written beside them.
'use strict';
const {renameSync, writeFileSync} = require('node:fs');
const vm = require('node:vm');

const packs = new Map();
vm.Script = class extends vm.Script {
  constructor(source, options) {
    super(source, options);
    if (/\/packs\/[\w-]+\.js$/.test(options?.filename ?? '')) packs.set(options.filename, this);
  }
};
process.on('exit', () => {
  for (const [file, script] of packs) {
    const cache = file.replace(/\.js$/, `.${process.arch}-${process.versions.v8}.cache`);
    writeFileSync(`${cache}.tmp`, script.createCachedData());
    renameSync(`${cache}.tmp`, cache);
  }
});
