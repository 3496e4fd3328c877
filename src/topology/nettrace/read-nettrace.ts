/** Documents of apiVersion nettrace/v1alpha1, read into typed data. */
import { FieldReader } from '../../cluster/field-reader.ts';
import type { SourceDocument } from '../../cluster/source.ts';
import { nearest } from '../../lib/nearest.ts';
import { quote } from '../../lib/quote.ts';
import { issue } from '../../lib/result.ts';
import { type ClusterDocument, readCluster } from './cluster-document.ts';
import { type ContainerDocument, readContainer } from './container-document.ts';
import type { DocumentContext } from './document-context.ts';
import { type Fault, readFaults } from './fault-document.ts';
import { NAME } from './field-types.ts';
import { type HostDocument, readHost } from './host-document.ts';
import { type NetworkDocument, readNetwork } from './network-document.ts';

const NETTRACE_API = 'nettrace/v1alpha1';
const KINDS = ['Cluster', 'Host', 'Container', 'Network', 'Fault'] as const;

export type NettraceDocuments = {
  readonly cluster: ClusterDocument | undefined;
  readonly hosts: readonly HostDocument[];
  readonly containers: readonly ContainerDocument[];
  readonly networks: readonly NetworkDocument[];
  readonly faults: readonly Fault[];
};

export function isNettraceDocument(document: SourceDocument): boolean {
  const { value } = document;
  if (typeof value !== 'object' || value === null || !('apiVersion' in value)) return false;
  return typeof value.apiVersion === 'string' && value.apiVersion.startsWith('nettrace/');
}

/** What is wrong goes to `context.issues`; what could be read is returned. */
export function readNettrace(documents: readonly SourceDocument[], context: DocumentContext): NettraceDocuments {
  const clusters: ClusterDocument[] = [];
  const hosts: HostDocument[] = [];
  const containers: ContainerDocument[] = [];
  const networks: NetworkDocument[] = [];
  const faults: Fault[] = [];
  for (const document of documents) {
    const reader = FieldReader.open({ document, path: [] }, document.value, context);
    const head = reader === undefined ? undefined : readHead(reader, context);
    if (reader === undefined || head === undefined) continue;
    switch (head.kind) {
      case 'Cluster':
        clusters.push(...some(readCluster(reader, head.name, context)));
        break;
      case 'Host':
        hosts.push(...some(readHost(reader, head.name, context)));
        break;
      case 'Container':
        containers.push(...some(readContainer(reader, head.name, context)));
        break;
      case 'Network':
        networks.push(...some(readNetwork(reader, head.name)));
        break;
      case 'Fault':
        faults.push(...readFaults(reader, head.name, context));
        break;
    }
  }
  for (const second of clusters.slice(1)) {
    const at = second.source.document.locate(second.source.path);
    context.issues.push(
      issue('duplicate-object', 'there is more than one Cluster document', { at, hint: 'one describes all nodes' }),
    );
  }
  for (const list of [hosts, containers, networks]) refuseDuplicates(list, context);
  return { cluster: clusters[0], hosts, containers, networks, faults };
}

function some<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

type Head = { readonly kind: (typeof KINDS)[number]; readonly name: string };

function readHead(reader: FieldReader, context: DocumentContext): Head | undefined {
  const version = reader.raw('apiVersion');
  const kindText = reader.raw('kind');
  const kind = KINDS.find((known) => known === kindText);
  if (version !== NETTRACE_API) {
    reader.error('unknown-api-version', `expected ${NETTRACE_API}`, ['apiVersion']);
    return undefined;
  }
  if (kind === undefined) {
    const text = typeof kindText === 'string' ? kindText : '';
    const [best] = nearest(text, KINDS, 1);
    context.issues.push(
      issue('unknown-kind', `unknown kind ${quote(text)} of ${NETTRACE_API}`, {
        at: reader.position(['kind']),
        hint: best === undefined ? `known kinds: ${KINDS.join(', ')}` : `did you mean ${best}?`,
      }),
    );
    return undefined;
  }
  const metadata = reader.requiredObject('metadata');
  const name = metadata?.required('name', NAME);
  metadata?.ignore('labels', 'annotations', 'namespace');
  metadata?.done();
  return name === undefined ? undefined : { kind, name };
}

type Named = {
  readonly name: string;
  readonly source: { readonly document: SourceDocument; readonly path: readonly (string | number)[] };
};

/** The second document of a name is an error: which one is meant cannot be told. */
function refuseDuplicates(list: readonly Named[], context: DocumentContext): void {
  const first = new Map<string, Named>();
  for (const item of list) {
    const earlier = first.get(item.name);
    if (earlier === undefined) {
      first.set(item.name, item);
      continue;
    }
    const there = earlier.source.document.locate([...earlier.source.path, 'metadata', 'name']);
    context.issues.push(
      issue('duplicate-object', `the name ${item.name} is taken: ${there.file}:${there.line} has it already`, {
        at: item.source.document.locate([...item.source.path, 'metadata', 'name']),
      }),
    );
  }
}
