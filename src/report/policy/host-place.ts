/** Where a host endpoint is asked, in words. */
import type { HostView } from '../../query/policy/policy-answer.ts';
import type { Writer } from '../frame.ts';
import { HOST_WORDS } from './words.ts';

/** `node/n2 eth0 (HostEndpoint n2-all), forwarded` */
export function placeOf(
  { node, device, way, endpoint }: Pick<HostView, 'node' | 'device' | 'way' | 'endpoint'>,
  writer: Writer,
): string {
  const of = `node/${node}`;
  const name = endpoint === null ? '' : ` (HostEndpoint ${endpoint})`;
  return writer.words(HOST_WORDS[way], { of, device: `${device ?? writer.words(HOST_WORDS.pods)}${name}` });
}
