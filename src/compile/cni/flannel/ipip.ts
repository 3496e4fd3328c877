/** flannel's backend ipip (pkg/backend/ipip): a tunnel of its own beside the kernel's tunl0. IPv4 only. */
import { routeVia } from '../bridge/wiring.ts';
import type { Backend } from './backends.ts';

const DEVICE = 'flannel.ipip';
/** The second IP header. */
const OVERHEAD = 20;

/**
 * Each peer's subnet has the peer itself as gateway, "on link" behind the device: a tunnel without a fixed remote end
 * takes the gateway for it. The local address tells it from tunl0 where packets come in.
 */
export const ipip: Backend = {
  families: [4],
  podMtu: ({ mtu }) => mtu - OVERHEAD,
  node: ({ node, subnet }, others, origin) => ({
    devices: [
      {
        kind: 'ipip',
        name: DEVICE,
        local: node.address.addr,
        mtu: node.mtu - OVERHEAD,
        addresses: [{ ip: subnet.addr, bits: 32, scope: 'global' }],
        origin,
      },
    ],
    routes: others.map((other) => ({ ...routeVia(other.subnet, other.node.address.addr, DEVICE, true), origin })),
  }),
};
