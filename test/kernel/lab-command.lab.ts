/** `nettrace lab` for real: built in a user namespace of its own, used, compared with the emulator, and gone without a trace. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DEVICE_NAME } from '../../src/topology/nettrace/field-types.ts';
import { kernelOrReason } from './lab/settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const kernel = kernelOrReason();

/** Positional parameters, so that no word of a test is part of the shell's program. $1 topology, $2 client, $3 address, $4 port. */
const SESSION = `
set -u
mount -t tmpfs tmpfs /run
nettrace() { node --import tsx src/main.ts "$@"; }
nettrace lab up -f "$1" >/dev/null; echo "up $?"
nettrace lab exec "$2" -- python3 -c '
import socket, sys
try:
    print(socket.create_connection((sys.argv[1], int(sys.argv[2])), 5).recv(100).decode().split(" saw ")[0])
except OSError as error:
    print(type(error).__name__)
' "$3" "$4"
nettrace lab exec "$2" -- sh -c 'exit 7'; echo "status $?"
pids=$(for netns in $(ls /run/netns); do ip netns pids "$netns"; done)
nettrace lab down >/dev/null; echo "down $?"
nettrace lab down >/dev/null; echo "again $?"
echo "left:" $(ls /run/netns /run | grep nettrace)
# A dead process that its new parent has not yet waited for has no command line.
for pid in $pids; do [ ! -e "/proc/$pid" ] || [ -z "$(tr -d '\\0' 2>/dev/null <"/proc/$pid/cmdline")" ] || echo "left process $pid"; done
`;

/** $1 topology: /run is what there is, writable for root. */
const IN_RUN = `
nettrace() { node --import tsx src/main.ts "$@"; }
nettrace lab up -f "$1" >/dev/null; echo "up $?"
nettrace lab exec laptop -- true; echo "exec $?"
nettrace lab down
nettrace lab script -f "$1" | sh; echo "script $?"
nettrace lab up -f "$1" 2>/dev/null; echo "up beside it $?"
ls /run/netns | grep -c nettrace-
`;

/** $1 topology, $2 signal: it comes when a part of the lab stands. */
const INTERRUPTED = `
mount -t tmpfs tmpfs /run
mkdir /run/netns
nettrace() { node --import tsx src/main.ts "$@"; }
node --import tsx src/main.ts lab up -f "$1" >/dev/null 2>&1 & pid=$!
until [ "$(ls /run/netns | grep -c ^nettrace-)" -ge 2 ]; do sleep 0.02; done
kill -"$2" "$pid"; wait "$pid"; echo "up $?"
echo "stands:" $(ls /run/netns /run | grep -q nettrace- && echo something)
nettrace lab up -f "$1" >/dev/null 2>&1; echo "second up $?"
nettrace lab down >/dev/null; echo "down $?"
echo "left:" $(ls /run/netns /run | grep nettrace)
`;

/** $1 topology: two at once, then what the one that did not build it said. */
const TWICE = `
mount -t tmpfs tmpfs /run
mkdir /run/said
up() { node --import tsx src/main.ts lab up -f "$1" >/dev/null 2>/run/said/$2; echo "$?" >>/run/said/status; }
up "$1" a & up "$1" b & wait
echo "up" $(sort -n /run/said/status)
cat /run/said/a /run/said/b | grep -v 'there is a lab already\\|another lab is being built'
node --import tsx src/main.ts lab down
ls /run/netns
`;

/** What dies with its parent is gone a moment later. */
async function gone(isThere: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < 100 && isThere(); waited++) await new Promise((resolve) => setTimeout(resolve, 50));
  return !isThere();
}

/** How many runners have this folder in their environment. */
function runnersOf(folder: string): number {
  const text = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc').filter(
    (pid) =>
      /^\d+$/.test(pid) &&
      text(pid, 'cmdline').includes('runner.py') &&
      text(pid, 'environ').includes(`TMPDIR=${folder}`),
  ).length;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

const VERDICTS = new Map([
  [0, 'connected'],
  [1, 'refused or dropped'],
]);

describe.runIf(kernel !== undefined)('nettrace lab', () => {
  test.each([
    ['docker-bridge', 'container/client', '172.17.0.2', 80, 'container:web'],
    ['docker-bridge', 'host/laptop', '192.168.26.11', 8081, 'ConnectionRefusedError'],
    ['flannel-iptables', 'host/laptop', '10.0.0.81', 22, 'k8s-slave1'],
    // A ClusterIP, neighbour discovery, Felix's ip6tables and a route by BGP.
    ['dual-stack', 'shop/client', 'fd00:10:96::101', 7000, 'shop/ledger'],
  ])(
    'builds %s: %s to %s port %i gives %s, as the emulator says, and leaves nothing',
    (topology, client, address, port, answer) => {
      if (topology === 'flannel-iptables' && kernel?.kinds.includes('vxlan') !== true)
        throw new Error('this kernel lacks vxlan');
      const folder = `topologies/${topology}`;
      const before = readdirSync('/run').sort();
      const words = ['unshare', '-Urnm', 'sh', '-c', SESSION, 'sh', folder, client, address, String(port)];
      const session = spawnSync(words[0] ?? '', words.slice(1), { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
      expect(session.stderr).toBe('');
      expect(session.stdout.trim().split('\n')).toEqual(['up 0', answer, 'status 7', 'down 0', 'again 0', 'left:']);
      expect(readdirSync('/run').sort()).toEqual(before);
      const trace = spawnSync(
        'node',
        ['--import', 'tsx', 'src/main.ts', client, `${bracketed(address)}:${port}`, '-f', folder, '-q'],
        { cwd: ROOT, encoding: 'utf8' },
      );
      expect(VERDICTS.get(trace.status ?? -1)).toBe(answer.endsWith('Error') ? 'refused or dropped' : 'connected');
    },
  );

  test.each([
    // It cleans up after itself, so that a second one can be built.
    ['QUIT', ['up 131', 'stands:', 'second up 0', 'down 0', 'left:']],
    ['TERM', ['up 143', 'stands:', 'second up 0', 'down 0', 'left:']],
    ['KILL', ['up 137', 'stands: something', 'second up 65', 'down 0', 'left:']],
  ])('lab up that ends by SIG%s leaves no half of a lab', (signal, lines) => {
    const words = ['-Urnm', 'sh', '-c', INTERRUPTED, 'sh', 'topologies/docker-bridge', signal];
    const session = spawnSync('unshare', words, { cwd: ROOT, encoding: 'utf8', timeout: 120_000 });
    expect(session.stdout.trim().split('\n')).toEqual(lines);
  });

  test('a lab of a user namespace leaves no name in /run/netns of who made it, root or not', () => {
    const names = (): readonly string[] => (existsSync('/run/netns') ? readdirSync('/run/netns').sort() : []);
    const before = names();
    const session = spawnSync('unshare', ['-Urnm', 'sh', '-c', IN_RUN, 'sh', 'topologies/docker-bridge'], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 120_000,
    });
    const [up, exec, down, script, ...rest] = session.stdout.trim().split('\n');
    expect([up, exec, down, script]).toEqual(['up 0', 'exec 0', 'removed 8 namespaces', 'script 0']);
    expect(rest).toEqual(['up beside it 65', '8']);
    expect(names()).toEqual(before);
  });

  test('of two lab up at once one builds, and the other says so', () => {
    const session = spawnSync('unshare', ['-Urnm', 'sh', '-c', TWICE, 'sh', 'topologies/docker-bridge'], {
      cwd: ROOT,
      encoding: 'utf8',
      timeout: 120_000,
    });
    expect(session.stdout.trim().split('\n')).toEqual(['up 0 65', 'removed 8 namespaces']);
  });

  test.each(['all', 'default', 'a%d', 'a%x', 'a:b', 'a b', '0123456789abcdef', '..', 'allx', 'eth0.5', '-', 'ü'])(
    'no device of the kernel is named %s unless a topology may name one so',
    (name) => {
      const words = ['-Urn', 'sh', '-c', 'ip link add name "$1" type bridge && ip link show dev "$1"', 'sh', name];
      const { status } = spawnSync('unshare', words, { encoding: 'utf8' });
      expect(status === 0).toBe(DEVICE_NAME.parse(name) === name);
    },
  );

  test('SIGKILL of who probes leaves no runner, and with it no namespace', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'nettrace-killed-'));
    const hunt = spawn('node', ['--import', 'tsx', 'test/kernel/lab/hunt.ts', '--count', '1000'], {
      cwd: ROOT,
      stdio: 'ignore',
      // The runner inherits this folder in its environment: it is how we know it.
      env: { ...process.env, TMPDIR: folder },
    });
    const isThere = (): boolean => runnersOf(folder) > 0;
    await expect(gone(() => !isThere())).resolves.toBe(true);
    hunt.kill('SIGKILL');
    await expect(gone(isThere)).resolves.toBe(true);
    expect(readdirSync(folder).filter((name) => name.startsWith('nettrace'))).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
