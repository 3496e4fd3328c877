/** What policies by themselves cannot know about host endpoints, said beside an answer that they had a part in. */
import { phrase, type Text, text } from '../../explain/language.ts';
import { isEmpty } from '../../policy/connection-set.ts';
import type { End } from '../../policy/end.ts';
import type { HostJudgement } from '../../policy/hosts/judge-hosts.ts';
import { isDiscovery } from '../../policy/hosts/passage.ts';
import type { PolicyNote } from './policy-answer.ts';

const NOTES = {
  HOST_ENDPOINT_BEFORE_DNAT: text(
    'preDNAT policies are asked about this very address and port. Who comes through a Service or a NodePort is judged by the address and port before translation: nettrace SOURCE DESTINATION walks that',
    'preDNAT 策略按此处给出的地址和端口判断。经由 Service 或 NodePort 的流量按转换前的地址和端口判断：请用 nettrace SOURCE DESTINATION 走完整条路径',
  ),
  HOST_ENDPOINT_UNTRACKED: text(
    'A doNotTrack policy allows it without a connection entry, so the answers are judged as connections of their own: nettrace SOURCE DESTINATION walks them, too',
    '该流量由 doNotTrack 策略放行，没有连接跟踪记录，因此应答会作为独立的连接判断：nettrace SOURCE DESTINATION 会一并走完应答',
  ),
  HOST_ENDPOINT_WAY: text(
    'What comes from outside is taken to arrive at the node of the Pod; by another node it would pass the host endpoints there as well',
    '假定来自外部的流量直接到达 Pod 所在节点；若经由其他节点，还会经过那里的主机端点',
  ),
} as const satisfies Record<string, Text>;

export function hostNotes(
  hosts: readonly HostJudgement[],
  { source, destination }: { readonly source: End; readonly destination: End },
): readonly PolicyNote[] {
  const has = (stage: 'pre-dnat' | 'untracked', allows: boolean): boolean =>
    hosts.some(
      ({ passage, stages }) =>
        !isDiscovery(passage.way) &&
        stages.some((each) => each.stage === stage && (!allows || each.tiers.some(({ allowed }) => !isEmpty(allowed)))),
    );
  const codes: (keyof typeof NOTES)[] = [];
  if (has('pre-dnat', false)) codes.push('HOST_ENDPOINT_BEFORE_DNAT');
  if (has('untracked', true)) codes.push('HOST_ENDPOINT_UNTRACKED');
  if (hosts.length > 0 && source.node === undefined && destination.pod !== undefined) codes.push('HOST_ENDPOINT_WAY');
  return codes.map((code) => ({ code, message: phrase(NOTES[code]) }));
}
