/** Topologies for tests: YAML written in the test, or the folders of the repository. */

import { type NetnsId, netnsId } from '../../src/kernel/netns-id.ts';
import { TABLE_MAIN } from '../../src/kernel/route/route.ts';
import { printRoutes } from '../../src/kernel/route/route-text.ts';
import { invariant } from '../../src/lib/assert.ts';
import type { Issue } from '../../src/lib/result.ts';
import { type IpAddr, parseIp } from '../../src/net/address.ts';
import { type Loaded, loadTopology } from '../../src/topology/load.ts';
import { readTopologyFiles } from '../topologies/read-probes.ts';

export function loadText(text: string): Loaded {
  const result = loadTopology([{ file: 'lab.yaml', text }]);
  invariant(result.ok, result.ok ? '' : result.issues.map(printIssue).join('\n'));
  return result.value;
}

export function loadFolder(name: string): Loaded {
  const result = loadTopology(readTopologyFiles(name));
  invariant(result.ok, result.ok ? '' : result.issues.map(printIssue).join('\n'));
  return result.value;
}

/** `8:12 code: message (hint)` of every error. */
export function errorsIn(text: string): readonly string[] {
  const result = loadTopology([{ file: 'lab.yaml', text }]);
  return result.ok ? [] : result.issues.filter(({ severity }) => severity === 'error').map(printIssue);
}

function printIssue({ at, code, message, hint }: Issue): string {
  const place = at === undefined ? '' : `${at.line}:${at.column} `;
  return `${place}${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

export function ipRoute(loaded: Loaded, machine: string): readonly string[] {
  return printRoutes(loaded.world.netns(id(machine)).routes.get(TABLE_MAIN) ?? []);
}

export function id(name: string): NetnsId {
  return netnsId(name);
}

export function ip(text: string): IpAddr {
  const address = parseIp(text);
  invariant(address !== undefined, text);
  return address;
}
