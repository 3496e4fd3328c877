import { text } from '../language.ts';
import type { CodeEntry } from './entry.ts';

export const ROUTE_CODES = {
  ADDRESS_NOT_UNIQUE: {
    layer: 'route',
    symptom: 'connected',
    meaning: text(
      'The address belongs to another machine where the sender looks for it: that one gets the packet.',
      '在发送者所在的网络中，该地址属于另一台主机：数据包到了那里。',
    ),
    summary: text(
      'Where {source} is, {to} is the address of {end}, which takes the packet: {destination} is never reached.',
      '在 {source} 所在的网络中，{to} 是 {end} 的地址，数据包由它接收：{destination} 从未被到达。',
    ),
    causes: [
      text(
        'Every Docker host uses the same network for its bridge, so containers of two hosts have the same addresses.',
        '每台 Docker 主机的网桥使用同一个网段，不同主机上的容器地址相同。',
      ),
    ],
    fixes: [
      text(
        'Publish the port and use the address of the host, or give each host a network of its own and routes between them.',
        '发布端口并使用主机地址，或为每台主机分配不同的网段并配置路由。',
      ),
    ],
  },
  ROUTE_NOT_FOUND: {
    layer: 'route',
    symptom: 'unreachable',
    meaning: text(
      'The routing tables of a machine hold no route to the destination.',
      '机器的路由表中没有到目的地址的路由。',
    ),
    summary: text('{node} has no route to {to}.', '{node} 没有到 {to} 的路由。'),
    causes: [text('A route or the default gateway is missing.', '缺少路由或默认网关。')],
    fixes: [
      text(
        'Add the route (ip route add), or check what should have installed it.',
        '添加路由（ip route add），或检查应当安装它的组件。',
      ),
    ],
  },
  ROUTE_BLACKHOLE: {
    layer: 'route',
    symptom: 'timeout',
    meaning: text(
      'The best route is a blackhole: the packet is dropped in silence.',
      '最佳路由是黑洞路由：数据包被静默丢弃。',
    ),
    summary: text(
      '{node} drops the packet to {to}: its best route is a blackhole{route}.',
      '{node} 丢弃了去往 {to} 的数据包：最佳路由是黑洞路由{route}。',
    ),
    causes: [
      text('No Pod owns this address of the local Calico block.', '本地 Calico 地址块中的这个地址没有 Pod 使用。'),
      text(
        'The route of the Pod is missing while that of its block is there.',
        'Pod 的路由缺失，而其地址块的路由存在。',
      ),
    ],
    fixes: [
      text(
        'Check that the Pod is alive and has this address; restart calico-node if its route is missing.',
        '确认 Pod 存活且拥有该地址；若其路由缺失，重启 calico-node。',
      ),
    ],
  },
  ROUTE_UNREACHABLE: {
    layer: 'route',
    symptom: 'unreachable',
    meaning: text(
      'The best route is of type unreachable or prohibit, or a router on the way says that it cannot reach the destination.',
      '最佳路由的类型是 unreachable 或 prohibit，或途中的路由器表示无法到达目的地址。',
    ),
    summary: text('{node} refuses to route the packet to {to}{route}.', '{node} 拒绝转发去往 {to} 的数据包{route}。'),
    causes: [
      text(
        'Somebody installed the route on purpose, or a routing daemon has no path.',
        '有人特意添加了该路由，或路由守护进程没有可用路径。',
      ),
    ],
    fixes: [text('Remove the route: ip route del.', '删除该路由：ip route del。')],
  },
  ROUTE_NEXTHOP_INVALID: {
    layer: 'route',
    symptom: 'timeout',
    meaning: text('The gateway of the route is not on the link.', '路由的网关不在该链路上。'),
    summary: text(
      'The route of {node} to {to} names the gateway {target}, which is not on the network of {device}.',
      '{node} 到 {to} 的路由所写的网关 {target} 不在 {device} 的网络上。',
    ),
    causes: [
      text(
        'The gateway lies in another subnet, and the route claims by onlink that it can be reached.',
        '网关在另一个子网，而路由用 onlink 声称可以直达。',
      ),
    ],
    fixes: [text('Name a gateway of the connected subnet.', '改用直连子网内的网关。')],
  },
  BGP_ROUTE_NOT_LEARNED: {
    layer: 'route',
    symptom: 'timeout',
    meaning: text(
      'The machine has not learned the route to the Pod block by BGP, so the packet goes astray.',
      '机器没有通过 BGP 学到 Pod 地址块的路由，数据包走错了方向。',
    ),
    summary: text(
      '{node} has not learned a route to the block of {to} ({pod}) by BGP; the packet ends at {end}.',
      '{node} 没有通过 BGP 学到 {to}（{pod}）所在地址块的路由；数据包止于 {end}。',
    ),
    causes: [
      text(
        'The BGP session between the nodes is down (TCP 179 blocked, calico-node not running).',
        '节点之间的 BGP 会话未建立（TCP 179 被阻断，calico-node 未运行）。',
      ),
      text(
        'The node-to-node mesh is off and no route reflector passes the route on.',
        '节点全互联已关闭，又没有路由反射器传递路由。',
      ),
      text('An outside router does not peer with the nodes.', '外部路由器没有与节点建立 BGP 对等。'),
    ],
    fixes: [
      text(
        'calicoctl node status shows the sessions; open TCP 179 and restore the peer.',
        '用 calicoctl node status 查看会话；放行 TCP 179 并恢复对等体。',
      ),
    ],
  },
  ROUTE_LOOP: {
    layer: 'route',
    symptom: 'unreachable',
    meaning: text('The packet travels in a circle until its TTL runs out.', '数据包在环路中转发，直到 TTL 耗尽。'),
    summary: text(
      'The packet to {to} passes {node} again and again: the routes form a loop.',
      '去往 {to} 的数据包反复经过 {node}：路由形成环路。',
    ),
    causes: [text('Two machines name each other as the next hop.', '两台机器互相把对方作为下一跳。')],
    fixes: [text('Correct the next hops along the path.', '修正路径上的下一跳。')],
  },
  TTL_EXCEEDED: {
    layer: 'route',
    symptom: 'unreachable',
    meaning: text('The TTL of the packet ran out on the way.', '数据包的 TTL 在途中耗尽。'),
    summary: text('The TTL of the packet to {to} runs out at {node}.', '去往 {to} 的数据包在 {node} 处 TTL 耗尽。'),
    causes: [
      text(
        'The packet was sent with a small TTL, or the path is longer than it.',
        '数据包以较小的 TTL 发出，或路径比它更长。',
      ),
    ],
    fixes: [text('Send with a larger TTL.', '使用更大的 TTL 发送。')],
  },
  IP_FORWARD_DISABLED: {
    layer: 'route',
    symptom: 'timeout',
    meaning: text(
      'The machine does not forward packets: net.ipv4.ip_forward is 0.',
      '机器不转发数据包：net.ipv4.ip_forward 为 0。',
    ),
    summary: text(
      '{node} does not forward the packet to {to}: IP forwarding is off on {device}.',
      '{node} 不转发去往 {to} 的数据包：{device} 上未开启 IP 转发。',
    ),
    causes: [text('A sysctl file of the machine switches forwarding off.', '机器的 sysctl 配置关闭了转发。')],
    fixes: [
      text(
        'sysctl -w net.ipv4.ip_forward=1, and keep it in /etc/sysctl.d.',
        '执行 sysctl -w net.ipv4.ip_forward=1，并写入 /etc/sysctl.d。',
      ),
    ],
  },
  RPF_MISMATCH: {
    layer: 'route',
    symptom: 'timeout',
    meaning: text(
      'Reverse path filtering: the way back to the source does not leave by the device the packet came in by.',
      '反向路径过滤：返回源地址的路由不从数据包进入的设备发出。',
    ),
    summary: text(
      '{node} drops the packet from {from} that came in by {device}: the way back to that address does not leave there.',
      '{node} 丢弃了从 {device} 进入、来自 {from} 的数据包：返回该地址的路由不经过此设备。',
    ),
    causes: [
      text('The routes are not symmetric, or a route back is missing.', '路由不对称，或缺少回程路由。'),
      text('rp_filter is strict (1) where several paths exist.', '存在多条路径时 rp_filter 为严格模式（1）。'),
    ],
    fixes: [
      text(
        'Add the route back, or set rp_filter to 2 (loose) on the device.',
        '添加回程路由，或将该设备的 rp_filter 设为 2（宽松）。',
      ),
    ],
  },
  MARTIAN_ADDRESS: {
    layer: 'route',
    symptom: 'timeout',
    meaning: text(
      'The packet carries an address that must not appear there (loopback on the wire, the own address as source).',
      '数据包带有不应出现的地址（线路上的环回地址，或以本机地址为源）。',
    ),
    summary: text(
      '{node} drops the packet {from} > {to} on {device}: one of these addresses must not appear there.',
      '{node} 在 {device} 上丢弃数据包 {from} > {to}：其中有不应出现的地址。',
    ),
    causes: [
      text(
        'Address translation is missing, route_localnet is off, or two machines hold the same address.',
        '缺少地址转换、未开启 route_localnet，或两台机器使用同一地址。',
      ),
    ],
    fixes: [text('Masquerade the traffic, or correct the address.', '对流量做 masquerade，或更正地址。')],
  },
  MTU_EXCEEDED_DF: {
    layer: 'route',
    symptom: 'hangs',
    meaning: text(
      'The packet exceeds the MTU and must not be fragmented; the sender is told so.',
      '数据包超过 MTU 且不允许分片；发送者会收到通知。',
    ),
    summary: text(
      'The packet to {to} is larger than the MTU of {device} on {node} and must not be fragmented.',
      '去往 {to} 的数据包大于 {node} 上 {device} 的 MTU，且不允许分片。',
    ),
    causes: [
      text(
        'A tunnel on the way has a smaller MTU than the interface of the Pod.',
        '途中隧道的 MTU 小于 Pod 接口的 MTU。',
      ),
    ],
    fixes: [
      text(
        'Lower the MTU of the Pods by the header of the tunnel (IPIP 20, VXLAN 50 bytes).',
        '按隧道头部减小 Pod 的 MTU（IPIP 20 字节，VXLAN 50 字节）。',
      ),
    ],
  },
  PMTU_BLACKHOLE: {
    layer: 'route',
    symptom: 'hangs',
    meaning: text(
      'The packet exceeds the MTU, and the ICMP message that says so is lost: large packets vanish.',
      '数据包超过 MTU，而告知此事的 ICMP 消息丢失：大包消失。',
    ),
    summary: text(
      'The packet to {to} exceeds the MTU of {device} on {node}, and the ICMP message about it does not reach the sender.',
      '去往 {to} 的数据包超过 {node} 上 {device} 的 MTU，而相应的 ICMP 消息没有到达发送者。',
    ),
    causes: [text('A firewall drops ICMP type 3 code 4.', '防火墙丢弃了 ICMP 类型 3 代码 4。')],
    fixes: [
      text('Allow ICMP "fragmentation needed", or clamp the MSS.', '放行 ICMP "fragmentation needed"，或限制 MSS。'),
    ],
  },
} as const satisfies Record<string, CodeEntry>;
