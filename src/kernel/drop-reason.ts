/**
 * Why the kernel dropped a packet: names of enum skb_drop_reason (include/net/dropreason-core.h) where it has one, else
 * names formed alike. Each comes with the kernel function that decides.
 */
export const DROP_REASONS = {
  NETFILTER_RULE: { function: 'nf_hook_slow', words: 'a rule dropped the packet' },
  NETFILTER_POLICY: { function: 'ipt_do_table', words: 'the policy of a built-in chain dropped the packet' },
  NETFILTER_REJECT: { function: 'reject_tg', words: 'a rule rejected the packet' },
  IPVS_NO_DESTINATION: { function: 'ip_vs_leave', words: 'no real server of the virtual server takes connections' },
  IP_INNOROUTES: { function: 'ip_route_input_slow', words: 'no route for a received packet' },
  IP_OUTNOROUTES: { function: 'ip_route_output_key_hash_rcu', words: 'no route for a packet of this machine' },
  ROUTE_BLACKHOLE: { function: 'dst_discard', words: 'the route is a blackhole' },
  ROUTE_UNREACHABLE: { function: 'ip_error', words: 'the route is of type unreachable' },
  ROUTE_PROHIBIT: { function: 'ip_error', words: 'the route is of type prohibit' },
  NEXTHOP_INVALID: { function: 'fib_check_nh', words: 'the gateway is not on the link' },
  IP_FORWARD_DISABLED: {
    function: 'ip_route_input_slow',
    words: 'forwarding is off on the device that received the packet',
  },
  IP_RPFILTER: {
    function: '__fib_validate_source',
    words: 'the way back to the source does not leave by the device the packet came in by',
  },
  IP_LOCAL_SOURCE: { function: '__fib_validate_source', words: "the source is one of this machine's own addresses" },
  IP_LOCALNET: { function: 'ip_handle_martian_source', words: 'a loopback address on the wire' },
  IP_INVALID_SOURCE: { function: 'ip_route_input_slow', words: 'the source address is not a unicast address' },
  IP_INVALID_DEST: {
    function: 'ip_route_input_slow',
    words: 'the destination address is not one to deliver or forward to',
  },
  IP_TTL: { function: 'ip_forward', words: 'the TTL ran out' },
  PKT_TOO_BIG: { function: 'ip_forward', words: 'the packet exceeds the MTU and must not be fragmented' },
  NEIGH_FAILED: { function: 'arp_error_report', words: 'nobody answered the neighbour request' },
  UNICAST_IGNORED: { function: 'ip_rcv_core', words: 'the frame was for another MAC address' },
  NO_LISTENER_FOR_MAC: { function: 'dev_queue_xmit', words: 'no machine on the segment has that MAC address' },
  DEV_DOWN: { function: '__dev_queue_xmit', words: 'the device is down' },
  VETH_PEER: { function: 'veth_xmit', words: 'the other end of the veth pair is missing or down' },
  BRIDGE_PORT: { function: 'br_handle_frame', words: 'the bridge port does not forward' },
  BRIDGE_HAIRPIN: {
    function: 'should_deliver',
    words: 'the bridge does not send a frame back out of the port it came in by',
  },
  SEGMENT_BLOCKED: { function: '', words: 'a filter between the machines drops it' },
  TUNNEL_NO_REMOTE: { function: 'ip_tunnel_xmit', words: 'the tunnel does not know the remote end' },
  TUNNEL_LOOP: { function: 'ip_tunnel_xmit', words: 'the outer packet would enter the same tunnel again' },
  TUNNEL_NO_DEVICE: { function: 'tunnel4_rcv', words: 'no tunnel device takes the packet' },
  SOCKET_CLOSED: { function: 'tcp_v4_rcv', words: 'no socket listens on the port' },
  PROTOCOL_UNKNOWN: { function: 'ip_protocol_deliver_rcu', words: 'no handler for the protocol' },
  NO_CONNECTION: { function: 'tcp_v4_rcv', words: 'the answer belongs to no connection of the sender' },
  ECHO_IGNORED: { function: 'icmp_echo', words: 'icmp_echo_ignore_all is set' },
  LOCAL_SEND_FAILED: { function: 'ip_local_out', words: 'the send call failed at once' },
  HOP_LIMIT: { function: '', words: 'the walk was given up after too many hops' },
} as const;

export type DropReason = keyof typeof DROP_REASONS;
