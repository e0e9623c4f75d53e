// Several hosts as one refresh, over scripts in ssh's place.
import assert from 'node:assert/strict';
import {chmodSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {HostsView} from '../../src/commands/remote/hosts-view.ts';
import {jsonLine} from '../../src/output/json.ts';
import {headerLine} from '../../src/output/recording.ts';
import {countShape, frame, origin, row} from '../support/frames.ts';
import {temporaryFolder} from '../support/program.ts';

test('a host that is tried again and again brings no refresh in which the others seem to do nothing', async (context) => {
  const folder = temporaryFolder(context);
  const lines = [1, 2].map((seq) => jsonLine({...frame([row('node', 100 * seq, 100)], {seq, time: 1000 * seq})}, countShape));
  // alpha tells its second refresh when beta was tried a second time
  writeFileSync(
    path.join(folder, 'ssh'),
    `#!/bin/sh
cd ${folder}
case "$*" in
*beta*) echo x >> tries; exit 255 ;;
esac
cat <<'END'
${headerLine(countShape, origin)}
${lines[0]}
END
until [ -f tries ] && [ "$(wc -l < tries)" -ge 2 ]; do sleep 0.05; done
sleep 0.2
echo '${lines[1]}'
exec sleep 60
`,
  );
  chmodSync(path.join(folder, 'ssh'), 0o755);
  const totals: (number | bigint | undefined)[] = [];
  await new Promise<void>((resolve) => {
    const reach = {ssh: [path.join(folder, 'ssh')], remoteCommand: 'tsbpftop'};
    const hosts = new HostsView(['alpha', 'beta'], reach, [], 30, () => {
      const shown = hosts.frame({view: 'openat', byHost: true});
      if (shown === undefined) return;
      totals.push(shown.rows[0]?.total[0]);
      if (totals.at(-1) === 200) resolve();
    });
    context.after(() => hosts.close());
  });
  assert.deepEqual(totals, [100, 200]);
});
