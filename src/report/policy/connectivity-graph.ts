/** `connectivity -o dot` and `-o mermaid`: workloads and ranges are nodes, rows are edges. */

import type { RowView } from '../../query/policy/connectivity-answer.ts';
import { escapeForTerminal } from '../terminal.ts';

/** Graphviz: an identifier in double quotes, in which only the quote and the backslash have a meaning. */
export function* printConnectivityDot(rows: Iterable<Pick<RowView, 'src' | 'dst' | 'allowed'>>): Generator<string> {
  yield 'digraph connectivity {\n  rankdir=LR;\n  node [shape=box];\n';
  const seen = new Set<string>();
  for (const { src, dst, allowed } of rows) {
    for (const name of [src, dst]) {
      if (seen.has(name)) continue;
      seen.add(name);
      if (isRange(name)) yield `  ${dotId(name)} [shape=ellipse];\n`;
    }
    yield `  ${dotId(src)} -> ${dotId(dst)} [label=${dotId(allowed)}];\n`;
  }
  yield '}\n';
}

function dotId(text: string): string {
  return `"${escapeForTerminal(text.replace(/[\r\n]+/g, ' ')).replace(/[\\"]/g, '\\$&')}"`;
}

/** A workload's label ends in its kind. */
function isRange(name: string): boolean {
  return !name.endsWith(']');
}

export function* printConnectivityMermaid(rows: Iterable<Pick<RowView, 'src' | 'dst' | 'allowed'>>): Generator<string> {
  yield 'flowchart LR\n';
  const ids = new Map<string, string>();
  for (const { src, dst, allowed } of rows) {
    for (const name of [src, dst]) {
      if (ids.has(name)) continue;
      const id = `n${ids.size}`;
      ids.set(name, id);
      yield isRange(name) ? `  ${id}(["${mermaidText(name)}"])\n` : `  ${id}["${mermaidText(name)}"]\n`;
    }
    yield `  ${ids.get(src) ?? ''} -->|"${mermaidText(allowed)}"| ${ids.get(dst) ?? ''}\n`;
  }
}

/** Mermaid's own entities: `#` begins one, a quote ends the text, a backtick makes it Markdown; an empty text is none to it. */
function mermaidText(text: string): string {
  const line = escapeForTerminal(text.replace(/[\r\n]+/g, ' '));
  return line === '' ? ' ' : line.replace(/[#"<>&`]/g, (character) => `#${character.charCodeAt(0)};`);
}
