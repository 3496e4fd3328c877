import { defineOptionMatch } from './option-match.ts';
import { PORT_FORMS, type PortSpec, printPorts, readPorts, restricting, singlePort, testPorts } from './ports.ts';

type UdpSpec = { readonly sport?: PortSpec | undefined; readonly dport?: PortSpec | undefined };

/** udp_mt() */
export const udp = defineOptionMatch({
  name: 'udp',
  kernel: 'net/netfilter/xt_tcpudp.c',
  protocol: 17,
  options: PORT_FORMS,
  read: (given): UdpSpec => ({ sport: readPorts(given.get('--sport')), dport: readPorts(given.get('--dport')) }),
  print: ({ sport, dport }) =>
    [...printPorts('--sport', restricting(sport)), ...printPorts('--dport', restricting(dport))].join(' '),
  test: (spec, env) =>
    env.packet.transport.proto === 'udp' &&
    !env.packet.laterFragment &&
    testPorts(spec.sport, env.packet.transport.sport, env) &&
    testPorts(spec.dport, env.packet.transport.dport, env),
  narrows: ({ dport }) => {
    const port = singlePort(dport);
    return port === undefined ? undefined : { protocol: 17, dport: port };
  },
});
