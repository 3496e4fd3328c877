/** flannel's backend udp (pkg/backend/udp): flanneld itself carries the packets, behind a TUN device. IPv4 only. */
import { TABLE_MAIN } from '../../../kernel/route/route.ts';
import { network } from '../../../net/prefix.ts';
import type { Backend } from './backends.ts';

const DEVICE = 'flannel0';
const PORT = 8285;
/** IP and UDP header. */
const OVERHEAD = 28;

/** One route for the whole network leads into the device; which node a packet goes to is flanneld's own table. */
export const udp: Backend = {
  families: [4],
  podMtu: ({ mtu }) => mtu - OVERHEAD,
  node: ({ node, subnet }, others, origin, pods) => ({
    devices: [
      {
        kind: 'tun',
        name: DEVICE,
        local: node.address.addr,
        udpPort: PORT,
        peers: others.map((other) => ({ prefix: other.subnet, remote: other.node.address.addr })),
        mtu: node.mtu - OVERHEAD,
        addresses: [{ ip: subnet.addr, bits: 32, scope: 'global' }],
        origin,
      },
    ],
    routes: [
      {
        type: 'unicast',
        destination: network({ addr: subnet.addr, bits: pods.bits }),
        table: TABLE_MAIN,
        metric: 0,
        scope: 'global',
        protocol: 'boot',
        nexthops: [{ device: DEVICE, weight: 1 }],
        origin,
      },
    ],
    listeners: [{ protocol: 'udp', port: PORT, address: node.address.addr, process: 'flanneld' }],
  }),
};
