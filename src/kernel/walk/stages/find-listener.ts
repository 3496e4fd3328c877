/** The socket that a request comes to: net/ipv4/inet_hashtables.c, net/ipv4/udp.c */
import { type IpAddr, isIp4, isIp6 } from '../../../net/address.ts';
import type { Netns } from '../../netns.ts';
import type { Listener } from '../../socket.ts';

/** inet_lookup_listener(): a socket bound to the address before one bound to all. */
export function findListener(
  { listeners, sysctls }: Netns,
  protocol: 'tcp' | 'udp' | 'sctp',
  port: number,
  address: IpAddr,
): Listener | undefined {
  const v6only = sysctls.number('net.ipv6.bindv6only') !== 0;
  const fits = listeners.filter(
    (l) => l.protocol === protocol && (l.port === port || l.port === 'any') && isBoundTo(l, address, v6only),
  );
  return fits.find((l) => l.address === address) ?? fits.find((l) => l.port !== 'any') ?? fits[0];
}

/** Without an address both families; `::` takes IPv4 as well unless bindv6only says otherwise (ipv6_only_sock()). */
function isBoundTo(listener: Listener, address: IpAddr, v6only: boolean): boolean {
  const bound = listener.address;
  if (bound === undefined || bound === address) return true;
  if (bound === 0) return isIp4(address);
  return bound === 0n && (isIp6(address) || !v6only);
}
