import { text } from '../language.ts';
import type { CodeEntry } from './entry.ts';

export const LINK_CODES = {
  SOURCE_NOT_RUNNING: {
    layer: 'pod',
    symptom: 'timeout',
    meaning: text(
      'The source Pod is not running, so nothing can be sent from it.',
      '源 Pod 没有运行，无法从它发出任何数据包。',
    ),
    summary: text('{source} is not running: nothing is sent.', '{source} 没有运行：不会发出任何数据包。'),
    causes: [
      text(
        'The Pod is Pending (no node fits it), has finished, or has failed.',
        'Pod 处于 Pending（没有合适的节点）、已结束或已失败。',
      ),
    ],
    fixes: [
      text(
        'Start the Pod, or choose another source: kubectl describe pod tells why it is not running.',
        '启动 Pod，或换一个源；kubectl describe pod 会说明原因。',
      ),
    ],
  },
  LINK_DOWN: {
    layer: 'link',
    symptom: 'timeout',
    meaning: text('The network device is down.', '网络设备未启用。'),
    summary: text(
      'Device {device} of {node} is down, so {to} cannot be reached through it.',
      '{node} 的设备 {device} 未启用，无法经它到达 {to}。',
    ),
    causes: [text('The link was set down or lost its carrier.', '链路被关闭或失去载波。')],
    fixes: [
      text(
        'ip link set DEVICE up; check the cable or the virtual network card.',
        '执行 ip link set DEVICE up，并检查网线或虚拟网卡。',
      ),
    ],
  },
  VETH_PEER_MISSING: {
    layer: 'link',
    symptom: 'timeout',
    meaning: text('The other end of a veth pair is missing or down.', 'veth pair 的对端缺失或未启用。'),
    summary: text(
      'The other end of {device} on {node} is missing or down.',
      '{node} 上 {device} 的 veth 对端缺失或未启用。',
    ),
    causes: [
      text(
        'The sandbox of the Pod is gone while its host interface is still there.',
        'Pod 的沙箱已消失，而主机侧接口仍在。',
      ),
    ],
    fixes: [text('Delete the Pod so that its sandbox is made anew.', '删除 Pod，让沙箱重新创建。')],
  },
  NEIGHBOUR_FAILED: {
    layer: 'link',
    symptom: 'unreachable',
    meaning: text(
      'Nobody on the link answers the ARP request for the next hop.',
      '链路上没有主机应答对下一跳的 ARP 请求。',
    ),
    summary: text(
      '{node} asks on {device} who has {target}, and nobody answers.',
      '{node} 在 {device} 上询问谁拥有 {target}，无人应答。',
    ),
    causes: [
      text('No machine on the segment holds the address.', '网段上没有主机拥有该地址。'),
      text(
        'The machine that holds it is on another segment, or proxy_arp is off on its interface.',
        '拥有该地址的主机在另一个网段，或其接口未开启 proxy_arp。',
      ),
      text(
        'For 169.254.1.1 of a Calico Pod: the node has no default route, and proxy_arp answers only for what it can route.',
        '对于 Calico Pod 的 169.254.1.1：节点没有默认路由，而 proxy_arp 只应答自己能路由到的地址。',
      ),
    ],
    fixes: [
      text(
        'Compare `ip neigh` and `ip addr` of both sides; check proxy_arp where the address lies behind a router.',
        '比较两侧的 `ip neigh` 和 `ip addr`；地址在路由器之后时检查 proxy_arp。',
      ),
    ],
  },
  MAC_MISMATCH: {
    layer: 'link',
    symptom: 'timeout',
    meaning: text(
      'The frame carries a destination MAC address that the receiver does not have.',
      '帧的目的 MAC 地址不属于接收者。',
    ),
    summary: text(
      'The frame to {to} on {device} of {node} carries a MAC address that nobody there has.',
      '发往 {to} 的帧（{node} 的 {device}）带有无人拥有的 MAC 地址。',
    ),
    causes: [
      text(
        'A stale or hand-written neighbour entry, or a stale forwarding database entry of a tunnel.',
        '邻居表项过期或手工写错，或隧道的转发表项过期。',
      ),
    ],
    fixes: [text('Delete the entry: ip neigh del, or bridge fdb del.', '删除该表项：ip neigh del 或 bridge fdb del。')],
  },
  BRIDGE_PORT_BLOCKED: {
    layer: 'link',
    symptom: 'timeout',
    meaning: text('The bridge port does not forward frames.', '网桥端口不转发帧。'),
    summary: text(
      'The bridge on {node} does not forward the frame to {to} (port {device}).',
      '{node} 上的网桥不转发去往 {to} 的帧（端口 {device}）。',
    ),
    causes: [
      text('Spanning tree holds the port, or both ports are isolated.', '生成树阻塞了端口，或两个端口都被隔离。'),
    ],
    fixes: [
      text(
        'Look at `bridge link` and change the port state or its isolated flag.',
        '查看 `bridge link`，修改端口状态或 isolated 标志。',
      ),
    ],
  },
  HAIRPIN_OFF: {
    layer: 'link',
    symptom: 'timeout',
    meaning: text(
      'The bridge does not send a frame back out of the port it came in by.',
      '网桥不会把帧从收到它的端口再发回去。',
    ),
    summary: text(
      'The packet to {to} would leave {node} by the bridge port it came in by, and hairpin mode is off there.',
      '去往 {to} 的数据包要从它进入 {node} 的网桥端口发出，而该端口未开启 hairpin 模式。',
    ),
    causes: [
      text(
        'A Pod reaches itself through its own Service and the bridge port has no hairpin mode.',
        'Pod 通过自己的 Service 访问自己，而网桥端口没有开启 hairpin。',
      ),
    ],
    fixes: [
      text(
        'Set hairpinMode of the bridge CNI (kubelet --hairpin-mode=hairpin-veth), or promiscuous-bridge.',
        '为 bridge CNI 开启 hairpinMode（kubelet --hairpin-mode=hairpin-veth），或使用 promiscuous-bridge。',
      ),
    ],
  },
  SEGMENT_BLOCKED: {
    layer: 'link',
    symptom: 'timeout',
    meaning: text(
      'A filter between the machines (a security group, a firewall of the network) drops the packet.',
      '机器之间的过滤器（安全组、网络防火墙）丢弃了数据包。',
    ),
    summary: text(
      'A filter between the machines drops the packet that {node} sends to {to}.',
      '机器之间的过滤器丢弃了 {node} 发往 {to} 的数据包。',
    ),
    causes: [
      text(
        'A security group or network firewall does not admit this traffic between the nodes.',
        '安全组或网络防火墙没有放行节点之间的这类流量。',
      ),
    ],
    fixes: [text('Allow the protocol and port between the machines.', '在机器之间放行该协议和端口。')],
  },
} as const satisfies Record<string, CodeEntry>;
