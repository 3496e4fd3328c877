/** The sentence that says why, from the code's own template. */

import { printIpvsEntry } from '../kernel/ipvs/print-ipvsadm.ts';
import { printRuleSpec } from '../kernel/netfilter/print-rule.ts';
import { isNftRule, printRule as printNftRule } from '../kernel/nftables/print-rule.ts';
import { printRoute } from '../kernel/route/route-text.ts';
import type { Step } from '../kernel/walk/step.ts';
import { memoize } from '../lib/lazy.ts';
import { plain } from '../lib/quote.ts';
import { printIp } from '../net/address.ts';
import { type Packet, portsOf } from '../net/packet.ts';
import { type Cause, innermost } from './classify.ts';
import { CODES, type ReasonCode } from './codes.ts';
import type { Asked, ExplainContext, Place } from './context.ts';
import { deviceOf } from './deciding-step.ts';
import { literal, type Phrase, phrase, placeholdersOf, text } from './language.ts';
import { printOrigin, viewOrigin } from './origin-view.ts';
import { saySelecting } from './selecting-words.ts';

export const SUMMARY_WORDS = {
  delivered: text(
    '{source} reaches {destination} on {protocol}/{port}.',
    '{source} 可以访问 {destination} 的 {protocol}/{port}。',
  ),
  deliveredEcho: text(
    '{source} reaches {destination}: the ping is answered.',
    '{source} 可以到达 {destination}：ping 得到应答。',
  ),
  deliveredEchoOfService: text(
    '{node} itself answers the ping of {destination}, an address of Service {service} that it holds: this says nothing about the endpoints.',
    '{node} 拥有 Service {service} 的地址 {destination}，由它自己应答 ping：这与端点是否可用无关。',
  ),
  noNodePort: text('no Service has it for a node port', '没有 Service 以它为节点端口'),
  nodePortElsewhere: text(
    'it is a node port of Service {service}, but kube-proxy in {mode} mode does not answer it on this address',
    '它是 Service {service} 的节点端口，但 {mode} 模式的 kube-proxy 不在此地址上响应',
  ),
  replyLost: text('The request arrives, but the reply is lost. {inner}', '请求已到达，但回包丢失。{inner}'),
  refusalLost: text(
    '{inner} The refusal itself is lost on its way back, so the client waits in vain.',
    '{inner} 拒绝消息在回程中丢失，客户端只能一直等待。',
  ),
  mixed: text('{share} of the connections are delivered. The others: {inner}', '{share} 的连接可以建立。其余：{inner}'),
  mixedNone: text(
    'No connection is delivered, and they end differently: {inner}',
    '没有连接可以建立，且结果各不相同：{inner}',
  ),
  elsewhere: text('Service {service} exists: write {name}.', 'Service {service} 存在：请写成 {name}。'),
  nothing: text('nothing', '无'),
  broadcastUnasked: text(
    'it has not set SO_BROADCAST (permission denied)',
    '它没有设置 SO_BROADCAST（permission denied）',
  ),
  broadcastOfTcp: text(
    'TCP connects to one machine, never to all of a network (network is unreachable)',
    'TCP 只能连接单台主机，不能连接整个网段（network is unreachable）',
  ),
  translatedSender: text(
    '{address} (the address that the policy sees in place of {source})',
    '{address}（策略看到的地址，而不是 {source}）',
  ),
  sentBy: text('{source} ({address})', '{source}（{address}）'),
  endpointOf: text(
    '{source} ({address}, an endpoint of Service {service})',
    '{source}（{address}，Service {service} 的端点）',
  ),
} as const;

/** The policies that select the Pod at the place of the drop; empty when unknown. */
export type Selecting = { readonly pod: string; readonly policies: readonly string[] };

type Facts = {
  readonly cause: Cause;
  readonly asked: Asked;
  readonly context: ExplainContext;
  readonly selecting: Selecting | undefined;
  readonly packet: Packet;
  readonly port: number;
  readonly place: Place | undefined;
};

type Value = Phrase['values'][string];

/** Values for every placeholder that the templates of `CODES` use. */
const VALUES: ReadonlyMap<string, (facts: Facts) => Value> = new Map<string, (facts: Facts) => Value>([
  ['source', ({ asked }) => asked.source],
  ['destination', ({ asked }) => asked.destination],
  ['from', ({ packet }) => printIp(packet.src)],
  ['to', ({ packet }) => printIp(packet.dst)],
  ['sender', ({ packet, asked, context }) => senderOf(packet, asked, context)],
  [
    'protocol',
    ({ packet: { transport } }) => (transport.proto === 'other' ? String(transport.number) : transport.proto),
  ],
  ['port', ({ port }) => String(port)],
  ['node', ({ place }) => (place === undefined ? '?' : machineWords(place))],
  [
    'device',
    ({ cause: { at, step } }) => plain(at?.device ?? (step === undefined ? undefined : deviceOf(step)) ?? '?'),
  ],
  ['place', ({ cause }) => placeWords(cause.step)],
  ['end', ({ cause, context }) => machineWords(context.place(cause.end))],
  ['target', ({ cause, packet }) => printIp(cause.target ?? packet.dst)],
  ['receiver', ({ packet, asked, context }) => receiverOf(packet, asked, context)],
  ['rule', ({ cause }) => ruleWords(cause.step)],
  ['route', ({ cause }) => routeWords(cause.step)],
  ['origin', ({ cause: { origin } }) => (origin === undefined ? '?' : printOrigin(viewOrigin(origin)))],
  [
    'pod',
    ({ selecting, packet, place, cause, context }) => selecting?.pod ?? ownerWords(packet, place, cause, context),
  ],
  [
    'policies',
    ({ selecting }) => (selecting === undefined ? literal('?') : saySelecting(selecting.pod, selecting.policies)),
  ],
  ['service', ({ cause, asked, context }) => serviceWords(cause, asked, context)],
  ['ports', ({ asked, context }) => portWords(asked, context)],
  ['nodePort', ({ port, asked, context }) => nodePortWords(port, asked, context)],
  ['bound', () => '127.0.0.1'],
  // udp_sendmsg() and ping_v4_sendmsg() return EACCES, tcp_v4_connect() ENETUNREACH.
  [
    'broadcast',
    ({ packet: { transport } }) =>
      phrase(transport.proto === 'tcp' ? SUMMARY_WORDS.broadcastOfTcp : SUMMARY_WORDS.broadcastUnasked),
  ],
]);

const placeholders = memoize((code: ReasonCode) => placeholdersOf(CODES[code].summary.en));

/** Only what the sentence needs is worked out: some of it takes a look at every Service. */
export function summarize(
  cause: Cause,
  asked: Asked,
  context: ExplainContext,
  selecting: Selecting | undefined,
): Phrase {
  const packet = cause.code === 'TUNNEL_BLOCKED' ? cause.packet : innermost(cause.packet);
  const at = cause.at?.netns ?? cause.step?.netns;
  const facts: Facts = {
    cause,
    asked,
    context,
    selecting,
    packet,
    port: portsOf(packet)?.dport ?? asked.probe.dport,
    place: at === undefined ? undefined : context.place(at),
  };
  const values: Record<string, Value> = {};
  for (const name of placeholders(cause.code)) {
    const value = VALUES.get(name)?.(facts);
    if (value !== undefined) values[name] = value;
  }
  return phrase(CODES[cause.code].summary, values);
}

/** The machine, and what on it. The implied router has a name of two words, made by us: it needs no quotes. */
function machineWords({ machine, inside }: Place): string {
  const name = /^gateway [0-9a-f.:]+$/.test(machine) ? machine : plain(machine);
  return inside === undefined ? name : plain(inside);
}

/** The Pod whose address it is, and the address. */
function receiverOf(packet: Packet, asked: Asked, context: ExplainContext): Phrase {
  const address = printIp(packet.dst);
  const pod = context.cluster?.podByIp(packet.dst);
  const source = pod === undefined || pod.hostNetwork ? undefined : plain(`${pod.namespace}/${pod.name}`);
  const at = packet.dst === asked.probe.destination ? undefined : context.serviceAt(asked.probe.destination)?.service;
  if (at === undefined) {
    const own = context.serviceAt(packet.dst)?.service;
    const holder = source ?? (own === undefined ? undefined : `Service ${plain(`${own.namespace}/${own.name}`)}`);
    return holder === undefined ? literal(address) : phrase(SUMMARY_WORDS.sentBy, { source: holder, address });
  }
  const service = plain(`${at.namespace}/${at.name}`);
  return phrase(SUMMARY_WORDS.endpointOf, { source: source ?? address, address, service });
}

function routeWords(step: Step | undefined): string {
  const route = step?.kind === 'route' ? step.outcome.route : undefined;
  return route === undefined ? '' : ` (${printRoute(route)})`;
}

/** Who the packet came from: the client, and the address that stands for it where it was translated. */
function senderOf(packet: Packet, asked: Asked, context: ExplainContext): Phrase {
  const address = printIp(packet.src);
  const own = asked.probe.source ?? context.addressOf(asked.probe.netns);
  const words = own !== undefined && printIp(own) !== address ? SUMMARY_WORDS.translatedSender : SUMMARY_WORDS.sentBy;
  return address === asked.source ? literal(address) : phrase(words, { address, source: asked.source });
}

function ownerWords(packet: Packet, place: Place | undefined, cause: Cause, context: ExplainContext): string {
  if (cause.origin?.pod !== undefined) return plain(cause.origin.pod);
  const pod = context.cluster?.podByIp(packet.dst);
  if (pod !== undefined) return plain(`${pod.namespace}/${pod.name}`);
  return plain(place?.inside ?? place?.machine ?? printIp(packet.dst));
}

function serviceWords(cause: Cause, asked: Asked, context: ExplainContext): string {
  const { origin } = cause;
  if (origin !== undefined && origin.kind === 'Service')
    return plain(origin.namespace === undefined ? origin.name : `${origin.namespace}/${origin.name}`);
  const at = context.serviceAt(asked.probe.destination);
  return at === undefined ? '?' : plain(`${at.service.namespace}/${at.service.name}`);
}

function portWords(asked: Asked, context: ExplainContext): Phrase {
  const ports = context.serviceAt(asked.probe.destination)?.service.ports ?? [];
  if (ports.length === 0) return phrase(SUMMARY_WORDS.nothing);
  return literal(ports.map((port) => `${port.port}/${port.protocol.toLowerCase()}`).join(', '));
}

/** Why a node does not take a port: nobody has it, or not there. */
function nodePortWords(port: number | undefined, { probe }: Asked, { cluster }: ExplainContext): Phrase {
  const service = cluster?.services.find(({ ports }) =>
    ports.some(({ nodePort, protocol }) => nodePort === port && protocol.toLowerCase() === probe.protocol),
  );
  if (service === undefined || cluster === undefined) return phrase(SUMMARY_WORDS.noNodePort);
  return phrase(SUMMARY_WORDS.nodePortElsewhere, {
    service: plain(`${service.namespace}/${service.name}`),
    mode: cluster.settings.proxy.mode,
  });
}

function placeWords(step: Step | undefined): string {
  if (step?.kind === 'ipvs') return `ipvs/${step.hook}`;
  return step?.kind === 'netfilter' ? `${step.table}/${plain(step.chain)}` : '?';
}

function ruleWords(step: Step | undefined): string {
  if (step?.kind === 'ipvs') return printIpvsEntry(step.service, step.server);
  if (step?.kind !== 'netfilter' || step.rule === undefined) return '?';
  return isNftRule(step.rule) ? printNftRule(step.rule) : printRuleSpec(step.rule);
}
