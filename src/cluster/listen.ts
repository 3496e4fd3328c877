import { parseIp } from '../net/address.ts';
import type { FieldType } from './field-type.ts';
import type { ListenSpec } from './objects.ts';

/** `80`, `80/tcp`, `127.0.0.1:80/tcp`, `[::1]:53/udp`, `any/tcp`. */
export function parseListen(text: string): ListenSpec | undefined {
  const match = /^(?:(\[[0-9a-fA-F:.]{1,45}\]|[\d.]{1,15}):)?(\d{1,5}|any)(?:\/(tcp|udp|sctp))?$/.exec(
    text.toLowerCase(),
  );
  if (match === null) return undefined;
  const [, host, portText, protocolText] = match;
  const address = host === undefined ? undefined : parseIp(host.replace(/^\[|\]$/g, ''));
  const port = portText === 'any' ? portText : Number(portText);
  if ((host !== undefined && address === undefined) || (port !== 'any' && (port < 1 || port > 65535))) return undefined;
  const protocol = protocolText === 'udp' || protocolText === 'sctp' ? protocolText : 'tcp';
  return { protocol, port, ...(address === undefined ? {} : { address }) };
}

/** The annotation `nettrace/listen`: `none`, or such items with commas or spaces between them. */
export const LISTEN_LIST: FieldType<readonly ListenSpec[]> = {
  expected: 'what is listened on, such as 80/tcp, 127.0.0.1:8080/tcp or none',
  parse: (value) => {
    if (typeof value !== 'string' || value.length > 4096) return undefined;
    if (value.trim() === 'none') return [];
    const items = value.split(/[\s,]+/).filter((item) => item !== '');
    const specs = items.flatMap((item) => parseListen(item) ?? []);
    return items.length > 0 && specs.length === items.length ? specs : undefined;
  },
};
