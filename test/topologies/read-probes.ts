/** The form of topologies/NAME/probes.txt (topologies/README.md). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const TOPOLOGIES = new URL('../../topologies', import.meta.url).pathname;

export type ProbeLine = {
  readonly line: number;
  readonly text: string;
  /** Files beside the folder's own. */
  readonly extra: readonly string[];
  readonly source: string;
  readonly destination: string;
  readonly protocol: string;
  readonly expected: readonly string[];
};

export type InputText = { readonly file: string; readonly text: string };

/** The YAML files directly in a folder (suites of tests are none), and others named from it, as `-f` reads them. */
export function readTopologyFiles(name: string, extra: readonly string[] = []): readonly InputText[] {
  const folder = join(TOPOLOGIES, name);
  const own = readdirSync(folder)
    .filter((file) => /(?<!\.nettest)\.(ya?ml|json)$/.test(file))
    .sort();
  return [...own, ...extra].map((file) => ({
    file: `topologies/${name}/${file}`,
    text: readFileSync(join(folder, file), 'utf8'),
  }));
}

export function topologyNames(): readonly string[] {
  return readdirSync(TOPOLOGIES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

export function readProbes(name: string): readonly ProbeLine[] {
  const probes: ProbeLine[] = [];
  let extra: readonly string[] = [];
  for (const [index, raw] of readFileSync(join(TOPOLOGIES, name, 'probes.txt'), 'utf8')
    .split('\n')
    .entries()) {
    const text = raw.replace(/#.*/, '').trim();
    if (raw.trim() === '') extra = [];
    if (text === '') continue;
    if (text.startsWith('+')) {
      extra = text.slice(1).trim().split(/\s+/);
      continue;
    }
    const [query = '', outcome = ''] = text.split('=>').map((part) => part.trim());
    const [source = '', destination = '', protocol = 'tcp'] = query.split(/\s+/);
    probes.push({ line: index + 1, text, extra, source, destination, protocol, expected: outcome.split(/\s+/) });
  }
  return probes;
}
