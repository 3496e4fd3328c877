/** TPROXY: hands the packet to a local socket without changing it. net/netfilter/xt_TPROXY.c. Not modelled: see fire(). */
import { familyOf, type IpAddr, ip4, ip6, parseIp, printIp } from '../../../net/address.ts';
import { defineTarget } from '../target.ts';
import { parseMarkMask, printHex, readOptions } from './options.ts';

type TproxySpec = { readonly port: number; readonly ip: IpAddr; readonly value: number; readonly mask: number };

export const TPROXY = defineTarget<TproxySpec>({
  name: 'TPROXY',
  kernel: 'net/netfilter/xt_TPROXY.c',
  parse(reader, context) {
    const options = readOptions(reader, 'TPROXY', { '--on-port': 1, '--on-ip': 1, '--tproxy-mark': 1 });
    options.required('--on-port');
    const port = options.number('--on-port', 0, 65535) ?? 0;
    if ((context.protocol !== 6 && context.protocol !== 17) || context.protocolInverted) {
      throw options.error('--on-port', 'TPROXY needs -p tcp or -p udp');
    }
    const text = options.word('--on-ip');
    const ip = text === undefined ? (context.family === 4 ? ip4(0) : ip6(0n)) : parseIp(text);
    if (ip === undefined || familyOf(ip) !== context.family) {
      throw options.error('--on-ip', `"${text}" is no IPv${context.family} address`);
    }
    if (!options.has('--tproxy-mark')) return { port, ip, value: 0, mask: 0 };
    const { value, mask } = parseMarkMask(options, '--tproxy-mark');
    return { port, ip, value, mask: mask ?? 0xffffffff };
  },
  print: ({ port, ip, value, mask }) =>
    `--on-port ${port} --on-ip ${printIp(ip)} --tproxy-mark ${printHex(value)}/${printHex(mask)}`,
  // It accepts when a transparent socket listens and drops otherwise; sockets here do not tell whether they are transparent.
  fire: ({ port, ip }) => ({
    kind: 'unknown',
    what: `a transparent socket on ${printIp(ip)} port ${port} may take the packet`,
    otherwise: 'accept',
  }),
});
