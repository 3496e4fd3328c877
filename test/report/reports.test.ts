import { describe, expect, it } from 'vitest';
import { indexServices } from '../../src/explain/context.ts';
import { fraction } from '../../src/lib/fraction.ts';
import { answerProbe } from '../../src/query/answer-probe.ts';
import type { Trace } from '../../src/query/trace.ts';
import { printTraceJson } from '../../src/report/json.ts';
import type { ReportOptions } from '../../src/report/options.ts';
import { printTraceText, printVerdictLine } from '../../src/report/text.ts';
import { printTraceTree } from '../../src/report/tree.ts';
import {
  ASKED,
  choice,
  contextWith,
  delivered,
  dropped,
  ip,
  minted,
  NODE82,
  netfilter,
  POD2,
  path,
  rule,
  sourceAt,
  tcp,
  wayToBackend,
} from '../explain/walk-fixture.ts';

const blank = { kind: '', namespace: null, name: '', file: null, line: null, field: null };
const plain: ReportOptions = { language: 'en', colour: false, ascii: true, verbosity: 0 };

/** Two backends: pod2 takes the packet, and the policy db-lock keeps it from the other. */
function mixedTrace(): Trace {
  const { origins, id } = minted({
    role: 'policy-default',
    kind: 'NetworkPolicy',
    namespace: 'default',
    name: 'db-lock',
    field: 'spec.podSelector',
    direction: 'ingress',
    pod: 'default/pod2b',
    source: sourceAt('db-lock.yaml', 7),
  });
  const context = { ...contextWith(origins), serviceAt: indexServices([]) };
  const open = wayToBackend('10.244.171.181');
  const arrived = { ...tcp('10.244.70.31', '10.244.171.181', 8080, 62) };
  const closed = wayToBackend('10.244.171.182');
  const refusedPacket = tcp('10.244.70.31', '10.244.171.182', 8080, 63);
  const step = netfilter(NODE82, refusedPacket, {
    chain: 'cali-tw-cali77',
    verdict: 'drop',
    action: 'DROP',
    number: 9,
    rule: rule('-m comment --comment "Drop if no policies passed packet"', 'DROP', id),
  });
  const half = fraction(1, 2);
  const paths = [
    path(
      delivered(
        [...open, { kind: 'deliver', netns: POD2, packet: arrived, to: 'socket', listener: undefined }],
        arrived,
        POD2,
      ),
      { kind: 'connected', ttl: 62, from: ip('10.96.3.4') },
      {
        share: half,
        choices: [choice('match', half)],
      },
    ),
    path(
      dropped([...closed, step], refusedPacket, 'NETFILTER_RULE', step),
      { kind: 'silence' },
      { share: half, choices: [choice('no match', half)] },
    ),
  ];
  const answer = answerProbe(paths, ASKED, context, {
    withSteps: true,
    withReply: true,
    selecting: () => ({ pod: 'default/pod2b', policies: ['NetworkPolicy default/db-lock'] }),
  });
  return {
    query: {
      source: 'pod1',
      destination: 'svc2:80',
      protocol: 'tcp',
      port: 80,
      sourceAddress: '10.244.70.31',
      destinationAddress: '10.96.3.4',
      destinationKind: 'ClusterIP',
    },
    result: answer.result,
    dns: null,
    paths: answer.paths,
    policies: [
      {
        direction: 'ingress',
        pod: 'default/pod2b',
        selecting: [
          { kind: 'NetworkPolicy', namespace: 'default', name: 'db-lock', file: 'db-lock.yaml', line: 7, field: null },
        ],
        misses: [
          {
            text: { en: 'rule ingress[0]: port matches, peer does not', zh: '规则 ingress[0]：端口匹配，对端不匹配' },
            values: {},
          },
        ],
      },
    ],
    assumptions: [{ code: 'assumed', message: 'rp_filter is 1 on vms82' }],
    stats: answer.stats,
  };
}

describe('reports of one answer', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['mixed.txt', printTraceText(mixedTrace(), plain)],
    ['mixed.zh.txt', printTraceText(mixedTrace(), { ...plain, language: 'zh' })],
    ['mixed.v.txt', printTraceText(mixedTrace(), { ...plain, verbosity: 1 })],
    ['mixed.tree.txt', printTraceTree(mixedTrace(), plain)],
    ['mixed.tree.box.txt', printTraceTree(mixedTrace(), { ...plain, ascii: false })],
    ['mixed.json.txt', printTraceJson(mixedTrace())],
    ['mixed.q.txt', printVerdictLine(mixedTrace(), plain)],
  ];
  it.each(rows)('%s', async (name, printed) => {
    await expect(printed).toMatchFileSnapshot(`../golden/${name}`);
  });

  it('are the same bytes each time', () => {
    expect(printTraceJson(mixedTrace())).toBe(printTraceJson(mixedTrace()));
  });

  it('have the verdict as a word, with colour or without', () => {
    expect(printVerdictLine(mixedTrace(), { ...plain, colour: true })).toContain('MIXED');
    expect(printTraceText(mixedTrace(), { ...plain, colour: true })).toContain('\u001b[');
    expect(printTraceText(mixedTrace(), plain)).not.toContain('\u001b');
  });

  it('are plain ASCII where that is asked for', () => {
    expect(printTraceTree(mixedTrace(), plain)).toMatch(/^[\n -~]*$/);
    expect(printTraceText(mixedTrace(), plain)).toMatch(/^[\n -~]*$/);
  });

  it('let no control character of a name reach the terminal', () => {
    const trace = mixedTrace();
    const evil = 'pod\u001b[31m\u0007\u202e\r\nDELIVERED';
    const hostile: Trace = {
      ...trace,
      query: { ...trace.query, source: evil },
      assumptions: [{ code: evil, message: evil }],
      policies: trace.policies.map((policy) => ({ ...policy, pod: evil })),
      paths: trace.paths.map((one) => ({
        ...one,
        presumed: [evil],
        backend: one.backend && { ...one.backend, pod: evil },
        hops: one.hops.map((hop) => ({ ...hop, node: evil, inside: evil })),
      })),
    };
    for (const printed of [
      printTraceText(hostile, plain),
      printTraceTree(hostile, plain),
      printVerdictLine(hostile, plain),
    ]) {
      expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(printed).not.toMatch(/^DELIVERED/m);
    }
  });
});

describe('the text of a trace', () => {
  const [policy] = mixedTrace().policies;
  const view = (pod: string, more: Partial<Trace['policies'][number]> = {}) => ({
    direction: 'ingress' as const,
    pod,
    selecting: policy?.selecting ?? [],
    misses: [],
    ...more,
  });
  const foot = (policies: Trace['policies']) =>
    printTraceText({ ...mixedTrace(), policies }, plain)
      .split('\n')
      .filter((line) => line.startsWith('Policies that select'));

  it('names ends that the same policies select in one line', () => {
    expect(foot([view('shop/a'), view('shop/b')])).toEqual([
      'Policies that select shop/a, shop/b for ingress: default/db-lock (db-lock.yaml:7)',
    ]);
  });

  it('keeps ends apart that differ in direction or policies', () => {
    const selecting = [
      { ...(policy?.selecting[0] ?? blank), kind: 'GlobalNetworkPolicy', namespace: null, file: null },
    ];
    expect(foot([view('shop/a'), view('shop/b', { direction: 'egress' }), view('shop/c', { selecting })])).toEqual([
      'Policies that select shop/a for ingress: default/db-lock (db-lock.yaml:7)',
      'Policies that select shop/b for egress: default/db-lock (db-lock.yaml:7)',
      'Policies that select shop/c for ingress: GlobalNetworkPolicy db-lock',
    ]);
  });

  it('moves the columns of a way aside together for a long name', () => {
    const pod = 'shop/web-7d9c6b8f5-abcde';
    const trace = mixedTrace();
    const paths = trace.paths.map((one) => ({
      ...one,
      hops: one.hops.map((hop) => ({ ...hop, inside: hop.inside === null ? null : pod })),
    }));
    const printed = printTraceText({ ...trace, paths }, plain);
    expect(printed).toContain('eth0@web-7d9c6b8f5-abcde');
    const columns = [...printed.matchAll(/^ +\d+ \S+ +(?=(SEND|TRANSMIT|DNAT|FORWARD|DELIVER|DROP)\b)/gm)].map(
      ([head]) => head.length,
    );
    expect(columns.length).toBeGreaterThan(8);
    expect(new Set(columns).size).toBe(1);
  });
});

describe('the JSON of a trace', () => {
  it('has the keys of the contract, in its order', () => {
    const json: unknown = JSON.parse(printTraceJson(mixedTrace()));
    expect(json).toMatchObject({
      schema: 'nettrace/trace/v1',
      query: { source: 'pod1', destination: 'svc2:80', protocol: 'tcp', port: 80 },
      result: {
        verdict: 'mixed',
        code: 'POLICY_INGRESS_NO_MATCH',
        symptom: 'timeout',
        blame: {
          node: 'vms82',
          hook: 'FORWARD',
          table: 'filter',
          chain: 'cali-tw-cali77',
          origin: {
            kind: 'NetworkPolicy',
            namespace: 'default',
            name: 'db-lock',
            file: 'db-lock.yaml',
            line: 7,
            field: 'spec.podSelector',
          },
        },
      },
      dns: null,
      paths: [
        {
          probability: 0.5,
          verdict: 'delivered',
          code: null,
          symptom: 'connected',
          backend: { pod: null, ip: '10.244.171.181', port: 8080 },
          sourceSeen: '10.244.70.31',
          ttl: 62,
          answer: null,
        },
        {
          probability: 0.5,
          verdict: 'dropped',
          code: 'POLICY_INGRESS_NO_MATCH',
          symptom: 'timeout',
          ttl: null,
          reply: null,
        },
      ],
      fixes: [],
      stats: { rulesExamined: 31, chainsEntered: 12 },
    });
    expect(Object.keys(json ?? {})).toEqual([
      'schema',
      'query',
      'result',
      'dns',
      'paths',
      'policies',
      'fixes',
      'assumptions',
      'stats',
    ]);
  });
});
