/** Mermaid's own parser takes every flowchart that is printed, and reads from it what was meant. */
import DOMPurify from 'dompurify';
import fc from 'fast-check';
import mermaid from 'mermaid';
import { beforeAll, expect, it } from 'vitest';
import { printConnectivityMermaid } from '../../../src/report/policy/connectivity-graph.ts';
import { run } from '../../seeds/support.ts';

beforeAll(() => {
  // It cleans HTML for a browser's document, and there is none here: nothing that we ask about depends on it.
  Object.assign(DOMPurify, { addHook: () => undefined, sanitize: (text: string) => text });
  mermaid.initialize({ maxTextSize: 10_000_000, maxEdges: 1_000_000 });
});

/** How many nodes and edges it sees. */
async function read(text: string): Promise<{ readonly nodes: number; readonly edges: number }> {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const sizeOf = (value: unknown): number =>
    value instanceof Map ? value.size : Array.isArray(value) ? value.length : Number.NaN;
  const call = (name: string): unknown => {
    const method: unknown = Reflect.get(db, name);
    return typeof method === 'function' ? method.call(db) : undefined;
  };
  return { nodes: sizeOf(call('getVertices')), edges: sizeOf(call('getEdges')) };
}

it.each(['calico-ipip', 'calico-tiers'])('the connections of %s', async (topology) => {
  const argv = ['connectivity', '-f', `topologies/${topology}`, '-o'];
  const [graph, json] = [await run([...argv, 'mermaid']), await run([...argv, 'json'])];
  const { connections }: { readonly connections: readonly { readonly src: string; readonly dst: string }[] } =
    JSON.parse(json.stdout);
  const nodes = new Set(connections.flatMap(({ src, dst }) => [src, dst])).size;
  expect(await read(graph.stdout)).toEqual({ nodes, edges: connections.length });
});

it('whatever names hold', async () => {
  const name = fc.string({
    unit: fc.constantFrom('a', '"', ']', '|', '-->', '#', ';', '`', '%%', '\n', '\\', '<', 'end', '名'),
  });
  const row = fc.record({ src: name, dst: name, allowed: name });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
      const nodes = new Set(rows.flatMap(({ src, dst }) => [src, dst])).size;
      expect(await read([...printConnectivityMermaid(rows)].join(''))).toEqual({ nodes, edges: rows.length });
    }),
    { numRuns: 40 },
  );
});

it('and no other', async () => {
  await expect(read('flowchart LR\n  n0["a\n ->')).rejects.toThrow(/Parse error/);
});
