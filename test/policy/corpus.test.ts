/** Well-known policies of every API: `policy`, `connectivity` and `matrix` say what the table of each case says. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Loaded } from '../../src/topology/load.ts';
import { loadTopology } from '../../src/topology/load.ts';
import { byConnectivity, byMatrix, byPolicy, connectivityOf, type Row } from '../seeds/by-policies.ts';
import { readTable } from './corpus/read-table.ts';

const FOLDER = new URL('corpus/', import.meta.url).pathname;
const CLUSTER = readFileSync(`${FOLDER}cluster.yaml`, 'utf8');
const CASES = readdirSync(`${FOLDER}cases`).sort();

function load(text: string): Loaded {
  const loaded = loadTopology([
    { file: 'cluster.yaml', text: CLUSTER },
    { file: 'case.yaml', text },
  ]);
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message, at }) => `${at?.line}: ${message}`).join('\n'));
  return loaded.value;
}

/** Only what differs from the table, so that a failure reads as a list of connections. */
function differences(rows: readonly Row[], answer: (row: Row) => string): readonly string[] {
  return rows.flatMap((row) => {
    const [source, destination, port, protocol, verdict] = row;
    const got = answer(row);
    return got === verdict ? [] : [`${source} -> ${destination}:${port}/${protocol} ${got}, expected ${verdict}`];
  });
}

describe.each(CASES)('%s', (name) => {
  const text = readFileSync(`${FOLDER}cases/${name}`, 'utf8');
  const loaded = load(text);
  const pods = loaded.cluster.pods.map((pod) => `${pod.namespace}/${pod.name}`);
  const rows = readTable(text, pods);

  it('by policy', () => {
    expect(differences(rows, (row) => byPolicy(loaded, row))).toEqual([]);
  });

  it('by connectivity', () => {
    const allowed = connectivityOf(loaded);
    expect(differences(rows, (row) => byConnectivity(allowed, row))).toEqual([]);
  });

  it('by matrix, between Pods', () => {
    const between = rows.filter(([source, destination]) => source.includes('/') && destination.includes('/'));
    expect(differences(between, (row) => byMatrix(loaded, row))).toEqual([]);
  });
});
