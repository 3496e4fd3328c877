/** Forms that other programs read are what those programs take. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printConnectivityDot, printConnectivityMermaid } from '../../../src/report/policy/connectivity-graph.ts';
import { csvLine, markdownLine } from '../../../src/report/policy/table-forms.ts';
import { escapeForTerminal } from '../../../src/report/terminal.ts';
import { run } from '../../seeds/support.ts';

/** A strict reader of what we use of Graphviz' language (graphviz.org/doc/info/lang.html); throws at anything else. */
function readDot(text: string): readonly (readonly [from: string, to: string, label: string])[] {
  const id = '"((?:[^"\\\\\\n]|\\\\["\\\\])*)"';
  const edge = new RegExp(`^  ${id} -> ${id} \\[label=${id}\\];$`);
  const node = new RegExp(`^  ${id} \\[shape=ellipse\\];$`);
  const lines = text.split('\n');
  expect(lines.slice(0, 3)).toEqual(['digraph connectivity {', '  rankdir=LR;', '  node [shape=box];']);
  expect(lines.slice(-2)).toEqual(['}', '']);
  const plain = (quoted: string | undefined): string => (quoted ?? '').replace(/\\(["\\])/g, '$1');
  return lines.slice(3, -2).flatMap((line) => {
    const found = edge.exec(line);
    if (found !== null) return [[plain(found[1]), plain(found[2]), plain(found[3])] as const];
    expect(line).toMatch(node);
    return [];
  });
}

const name = fc.string({ unit: 'binary', maxLength: 12 });
const rows = fc.array(fc.record({ src: name, dst: name, allowed: name }), { maxLength: 6 });

describe('dot', () => {
  it('is one edge for each row, whatever names hold', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const edges = readDot([...printConnectivityDot(list)].join(''));
        const clean = (text: string): string => escapeForTerminal(text.replace(/[\r\n]+/g, ' '));
        expect(edges).toEqual(list.map(({ src, dst, allowed }) => [src, dst, allowed].map(clean)));
      }),
    );
  });

  it('of a topology', async () => {
    const { stdout } = await run(['connectivity', '-f', 'topologies/calico-ipip', '-o', 'dot']);
    expect(readDot(stdout).length).toBeGreaterThan(10);
  });
});

/** `dot -Tcanon` reads a graph and writes it again; the continuous integration has it. */
const graphviz = spawnSync('dot', ['-V']).error === undefined ? undefined : 'dot is not installed';

function readByGraphviz(text: string): { readonly status: number | null; readonly stdout: string } {
  const { status, stdout } = spawnSync('dot', ['-Tdot_json'], { input: text, encoding: 'utf8' });
  return { status, stdout };
}

describe.skipIf(graphviz !== undefined)(`Graphviz${graphviz === undefined ? '' : ` (skipped: ${graphviz})`}`, () => {
  const HOSTILE = ['"', '\\', '\\"', 'a\nb', '\r', '<b>', '}', '->', '\u202e', '\u0000', '\\N', '名字', '', ' '];

  it.each(['calico-ipip', 'calico-tiers'])('takes the graph of %s', async (topology) => {
    const { stdout } = await run(['connectivity', '-f', `topologies/${topology}`, '-o', 'dot']);
    const read: { readonly edges: readonly object[] } = JSON.parse(readByGraphviz(stdout).stdout);
    expect(read.edges).toHaveLength(readDot(stdout).length);
  });

  it('takes whatever names hold, and repeats them', () => {
    const list = HOSTILE.map((text, index) => ({ src: `${index}${text}`, dst: `x${text}`, allowed: text }));
    const { status, stdout } = readByGraphviz([...printConnectivityDot(list)].join(''));
    const read: { readonly objects: readonly { readonly name: string }[]; readonly edges: readonly object[] } =
      JSON.parse(stdout);
    expect({ status, edges: read.edges.length }).toEqual({ status: 0, edges: list.length });
    expect(read.objects.map((object) => object.name)).toContain('5<b>');
  });

  it('takes no other', () => {
    expect(readByGraphviz('digraph { "a -> b }').status).not.toBe(0);
  });
});

describe('mermaid', () => {
  it('has nothing in its texts that ends them', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const lines = [...printConnectivityMermaid(list)].join('').split('\n');
        expect(lines[0]).toBe('flowchart LR');
        for (const line of lines.slice(1, -1)) {
          expect(line).toMatch(/^ {2}n\d+(\["[^"<>]*"\]|\(\["[^"<>]*"\]\)| -->\|"[^"<>]*"\| n\d+)$/);
        }
      }),
    );
  });
});

describe('tables', () => {
  it('a cell of CSV comes back as it was, with every sign to be seen', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), (cells) => {
        const line = csvLine(cells).slice(0, -1);
        const read = [...line.matchAll(/("(?:[^"]|"")*"|[^",]*)(?:,|$)/gs)].map(([, cell = '']) =>
          cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell,
        );
        expect(read.slice(0, cells.length)).toEqual(cells.map(escapeForTerminal));
      }),
    );
  });

  it('a cell of Markdown is one cell of one line', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), (cells) => {
        const line = markdownLine(cells);
        expect(line.slice(0, -1)).not.toMatch(/[\r\n]/);
        expect(line.match(/(?<!\\)(?:\\\\)*\|/g)).toHaveLength(cells.length + 1);
      }),
    );
  });
});

describe('json', () => {
  it('is one document, its rows sorted by source and destination', async () => {
    const { stdout } = await run(['connectivity', '-f', 'topologies/calico-ipip', '-o', 'json']);
    const rowsOf: { readonly connections: readonly { readonly src: string; readonly dst: string }[] } =
      JSON.parse(stdout);
    const keys = rowsOf.connections.map(({ src, dst }) => `${src}\n${dst}`);
    expect(keys).toEqual([...keys].sort());
    expect(new Set(keys).size).toBe(keys.length);
  });
});
