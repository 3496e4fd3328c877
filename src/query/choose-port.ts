/** The port of a question that names none, or names one by its name. */
import type { Service } from '../cluster/objects.ts';
import { nearest } from '../lib/nearest.ts';
import { fail, issue, ok, type Result } from '../lib/result.ts';
import type { DestinationEndpoint } from '../topology/endpoints.ts';
import type { Query } from './query.ts';

/** undefined for ICMP; an issue where the destination has several ports, or none of the name. */
export function choosePort(
  { protocol = 'tcp', destination: text }: Query,
  destination: DestinationEndpoint,
  service: Service | undefined,
): Result<number | undefined> {
  if (protocol === 'icmp') return ok(undefined);
  if (destination.port !== undefined) return ok(destination.port);
  const pod = destination.kind === 'machine' ? destination.pod : undefined;
  const ports = (pod?.ports ?? service?.ports ?? []).filter((port) => port.protocol.toLowerCase() === protocol);
  const [only, second] = ports;
  const named = destination.text.port;
  if (typeof named === 'string') {
    const found = ports.find((port) => port.name === named);
    if (found !== undefined) return ok(found.port);
    const near = nearest(
      named,
      ports.flatMap((port) => port.name ?? []),
    );
    const hint = near.length === 0 ? {} : { hint: `did you mean ${near.join(', ')}?` };
    return fail(issue('unknown-port', `${text}: no port is named ${named}`, hint));
  }
  if (only !== undefined && second === undefined) return ok(only.port);
  const known = ports.map((port) => port.port).join(', ');
  return fail(
    issue('port-missing', `${text}: which port?`, {
      hint: `write ${text}:PORT${known === '' ? '' : ` (it has ${known})`}, or -p icmp for a ping`,
    }),
  );
}
