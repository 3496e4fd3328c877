/** Sentences of assumptions by code, and the halves of sentences that stand in them. English is what the code writes. */
import { type Text, text } from '../language.ts';

export const NOTE_WORDS: Readonly<Record<string, readonly Text[]>> = {
  NODE_NETWORK_ASSUMED: [
    text('addresses or prefix lengths of nodes are assumed: {nodes}', '节点的地址或前缀长度为假定值：{nodes}'),
  ],
  NODES_ASSUMED: [
    text(
      'the input describes no nodes: {count} are assumed ({names})',
      '输入没有描述节点：假定有 {count} 个（{names}）',
    ),
  ],
  GATEWAY_ASSUMED: [
    text(
      'the input names no gateway of {network}: {address} is assumed',
      '输入没有给出 {network} 的网关：假定为 {address}',
    ),
  ],
  POD_NETWORK_ASSUMED: [
    text(
      'the input does not name the Pod network: {networks} is assumed, as the IP pools have it (spec.podCIDRs of a Cluster document)',
      '输入没有给出 Pod 网络：按 IP 池假定为 {networks}（Cluster 文档的 spec.podCIDRs）',
    ),
    text(
      'the input does not name the Pod network: {networks} is assumed, as the podCIDRs of the nodes have it (spec.podCIDRs of a Cluster document)',
      '输入没有给出 Pod 网络：按节点的 podCIDR 假定为 {networks}（Cluster 文档的 spec.podCIDRs）',
    ),
    text(
      'the input does not name the Pod network: {networks} is assumed, as the addresses of the Pods have it (spec.podCIDRs of a Cluster document)',
      '输入没有给出 Pod 网络：按 Pod 的地址假定为 {networks}（Cluster 文档的 spec.podCIDRs）',
    ),
  ],
  NETWORK_SHARED: [
    text(
      "{what} share the network of the machines, as a cloud's own plugin has it, which is not modelled: kube-proxy is taken to masquerade nothing for its clusterCIDR",
      '{what} 与机器共用网络（云厂商自有插件的做法，未模拟）：假定 kube-proxy 不因 clusterCIDR 做地址伪装',
    ),
  ],
  CLUSTER_CIDR_ASSUMED: [
    text(
      'clusterCIDR of kube-proxy is taken to be {networks}, as the podCIDRs of the nodes have it (spec.proxy.clusterCIDR of a Cluster document)',
      '按节点的 podCIDR 假定 kube-proxy 的 clusterCIDR 为 {networks}（Cluster 文档的 spec.proxy.clusterCIDR）',
    ),
  ],
  SERVICE_NETWORK_ASSUMED: [
    text(
      'the input does not name the Service network: {networks} is assumed, as the addresses of the Services have it (spec.serviceCIDRs of a Cluster document)',
      '输入没有给出 Service 网络：按 Service 的地址假定为 {networks}（Cluster 文档的 spec.serviceCIDRs）',
    ),
  ],
  CNI_ASSUMED: [
    text(
      'the input does not say which CNI plugin runs: Calico without encapsulation is assumed (spec.cni of a Cluster document)',
      '输入没有说明使用哪个 CNI 插件：假定为不封装的 Calico（Cluster 文档的 spec.cni）',
    ),
  ],
  OUTSIDE_HOST: [
    text(
      'no interface holds {address}: it is taken for a host behind the gateway',
      '没有接口持有 {address}：视为网关之后的一台主机',
    ),
    text(
      'no interface holds {address}: it is taken for a host on segment {segment} ({network})',
      '没有接口持有 {address}：视为网段 {segment}（{network}）上的一台主机',
    ),
  ],
  PODS_MADE: [
    text(
      'the input holds no Pod of {workload}: Pod {name} was made from its template, running and ready',
      '输入中没有 {workload} 的 Pod：已按其模板生成 Pod {name}，运行且就绪',
    ),
    text(
      'the input holds no Pod of {workload}: Pods {first} to {last} were made from its template, running and ready',
      '输入中没有 {workload} 的 Pod：已按其模板生成 Pod {first} 到 {last}，运行且就绪',
    ),
  ],
  PODS_TAKEN: [
    text(
      'no Pod is controlled by {workload}, and its selector matches Pod {name} without a controller: it is taken for its Pod, and none is made from its template',
      '没有 Pod 由 {workload} 控制，而其选择器匹配没有控制器的 Pod {name}：视为它的 Pod，不再按其模板生成',
    ),
    text(
      'no Pod is controlled by {workload}, and its selector matches Pods {names} and {count} more without a controller: they are taken for its Pods, and none is made from its template',
      '没有 Pod 由 {workload} 控制，而其选择器匹配没有控制器的 Pod {names} 以及另外 {count} 个：视为它的 Pod，不再按其模板生成',
    ),
    text(
      'no Pod is controlled by {workload}, and its selector matches Pods {names} without a controller: they are taken for its Pods, and none is made from its template',
      '没有 Pod 由 {workload} 控制，而其选择器匹配没有控制器的 Pod {names}：视为它的 Pod，不再按其模板生成',
    ),
  ],
  POD_ENDED: [
    text(
      'Pod {pod} has ended ({phase}): nothing of it listens, and its address is free',
      'Pod {pod} 已结束（{phase}）：它不再监听任何端口，其地址已释放',
    ),
  ],
  POD_ADDRESS_ASSUMED: [
    text(
      '{about} is taken to have {ips}, the next free address on {node}',
      '假定 {about} 的地址为 {ips}，即 {node} 上的下一个空闲地址',
    ),
  ],
  POD_ADDRESS_EXHAUSTED: [
    text(
      '{about} has no address: the Pod network has no free one left for {node}',
      '{about} 没有地址：Pod 网络已没有可分给 {node} 的空闲地址',
    ),
  ],
  POD_RANGE_ASSUMED: [text('{node} is taken to hold {ranges} for its Pods', '假定 {node} 持有 {ranges} 供其 Pod 使用')],
  POD_NODE_ASSUMED: [text('{about} is taken to run on {node}', '假定 {about} 运行在 {node} 上')],
  POD_PENDING: [
    text('{about} stays Pending: {why}', '{about} 一直处于 Pending：{why}'),
    text(
      '{about} is Pending: its containers have not started, so nothing in it listens',
      '{about} 处于 Pending：其容器尚未启动，其中没有进程监听',
    ),
  ],
  LOADBALANCER_PENDING: [text('{about} stays <pending>: {why}', '{about} 一直为 <pending>：{why}')],
  LOADBALANCER_IP_ASSUMED: [
    text('{about} is taken to have the outside address {ips}', '假定 {about} 的外部地址为 {ips}'),
  ],
  LOADBALANCER_NOT_ANNOUNCED: [
    text('MetalLB does not announce {ip} of {about}: {why}', 'MetalLB 没有通告 {about} 的 {ip}：{why}'),
  ],
  NODE_PORT_ASSUMED: [
    text(
      '{about} is taken to have the node port of {port} {number}',
      '假定 {about} 端口 {port} 的 NodePort 为 {number}',
    ),
    text(
      '{about} is taken to have the health check node port {number}',
      '假定 {about} 的健康检查 NodePort 为 {number}',
    ),
  ],
  CLUSTER_IP_ASSUMED: [text('{about} is taken to have the cluster address {ips}', '假定 {about} 的集群地址为 {ips}')],
  PUBLISHED_PORTS_DISCARDED: [
    text(
      "container '{name}' publishes ports, but its network is {network}: Docker discards them",
      "容器 '{name}' 发布了端口，但其网络为 {network}：Docker 会忽略这些端口",
    ),
  ],
  CALICO_STAGED_POLICY: [
    text('staged policies are not enforced: {policies}', '暂存（staged）策略不会执行：{policies}'),
  ],
  CALICO_RULE_FAILS_CLOSED: [
    text('{rule}: Calico does not know {what}: {effect}', '{rule}：Calico 不支持{what}：{effect}'),
  ],
  CALICO_HTTP_MATCH: [
    text(
      '{rule}: http is left to an Envoy beside the workload: evaluated without it, as Felix renders it',
      '{rule}：http 由工作负载旁的 Envoy 处理：按 Felix 生成的规则判断，不考虑 http',
    ),
  ],
  CALICO_CHAIN_REFUSED: [
    text(
      '{rule}: iptables refuses protocol beside notProtocol ({why}): Felix cannot program the chain, nor any later change of its table on that node',
      '{rule}：iptables 拒绝同时使用 protocol 和 notProtocol（{why}）：Felix 无法下发该链，也无法在该节点下发此表之后的任何更改',
    ),
  ],
  CALICO_NEWER_API: [
    text(
      '{release} does not know {kinds}: evaluated as the first release that does would',
      '{release} 不支持 {kinds}：按首个支持它的版本判断',
    ),
  ],
  CALICO_UNTRACKED_IGNORED: [
    text(
      'doNotTrack policies ({names}) do not apply to host endpoints with interfaceName "*"',
      'doNotTrack 策略（{names}）不适用于 interfaceName 为 "*" 的主机端点',
    ),
  ],
  CALICO_BLOCKS_DERIVED: [
    text(
      'blocks of nodes without blocks or podCIDR are derived from their Pods and their names',
      '没有给出 blocks 或 podCIDR 的节点，其地址块由 Pod 地址和节点名推出',
    ),
  ],
  CALICO_BLOCK_OUTSIDE_POOLS: [
    text('the block of node {node} lies in no IP pool', '节点 {node} 的地址块不在任何 IP 池中'),
  ],
  CALICO_INVALID_SELECTOR: [
    text('BGPPeer {name} selects nothing: {issue}', 'BGPPeer {name} 没有选中任何节点：{issue}'),
  ],
  CALICO_OUTSIDE_PEERS: [
    text(
      'BGP speakers outside the cluster are taken to accept the sessions that BGPPeers describe, and to reflect routes inside their AS',
      '假定集群外的 BGP 发言者接受 BGPPeer 所描述的会话，并在其 AS 内反射路由',
    ),
  ],
  CANAL_IPV6_ASSUMED: [
    text(
      'Canal is taken to be set up for IPv6 as well, as RKE2 does it: its own manifest is for IPv4 alone',
      '假定 Canal 也按 RKE2 的方式启用了 IPv6：其官方清单只支持 IPv4',
    ),
  ],
  CNI_NONE: [
    text(
      'the cluster has no CNI plugin: on a real one its Pods would not start, here they have no network but loopback',
      '集群没有 CNI 插件：真实集群中其 Pod 无法启动，这里它们只有环回网络',
    ),
  ],
  CNI_BRIDGE_SINGLE_NODE: [
    text(
      'the bridge plugin makes no routes between nodes: a Pod reaches Pods of other nodes only if the network around the nodes routes their subnets',
      'bridge 插件不在节点之间建立路由：只有节点外的网络为这些子网做路由时，Pod 才能访问其他节点的 Pod',
    ),
  ],
  FLANNEL_HOST_GW_OFF_LINK: [
    text(
      "flannel's backend host-gw needs all nodes on one link: {node} can have no route to the Pods of {others}",
      'flannel 的 host-gw 后端要求所有节点在同一链路上：{node} 无法有到 {others} 的 Pod 的路由',
    ),
  ],
  MODEL_UNSUPPORTED: [
    text(
      'kube-proxy of Kubernetes {version} has no mode nftables; that of 1.33 is taken in its place',
      'Kubernetes {version} 的 kube-proxy 没有 nftables 模式；以 1.33 的代替',
    ),
    text(
      'IPVS has no scheduler {scheduler}: kube-proxy would not start; rr is taken in its place',
      'IPVS 没有调度算法 {scheduler}：kube-proxy 无法启动；以 rr 代替',
    ),
  ],
  IPVS_SCHEDULER: [text('IPVS scheduler {scheduler}: {why}', 'IPVS 调度算法 {scheduler}：{why}')],
  DNS_ASSUMED: [
    text(
      'the input has no kube-dns Service: names are taken to resolve',
      '输入中没有 kube-dns Service：假定域名可以解析',
    ),
  ],
  DNS_RETRIES: [
    text(
      'some DNS queries are lost; the resolver is taken to ask again until one is answered',
      '部分 DNS 查询丢失；假定解析器会重试直到得到应答',
    ),
  ],
  DNS_FIRST_ADDRESS: [
    text(
      'of the {count} addresses of {name} the first is used: in the order of RFC 6724, as getaddrinfo() sorts them (-4 and -6 decide otherwise)',
      '{name} 有 {count} 个地址，使用第一个：顺序按 RFC 6724，即 getaddrinfo() 的排序（可用 -4 或 -6 指定）',
    ),
    text('of the {count} addresses of {name} the first is used', '{name} 有 {count} 个地址，使用第一个'),
  ],
  HOST_NAME_ASSUMED: [text('{host} is taken to resolve to {address}, {why}', '假定 {host} 解析为 {address}，{why}')],
  HTTP_NOT_MODELLED: [text('{what} is not modelled', '未模拟：{what}')],
  SEED: [
    text(
      'one branch, chosen by seed {seed}: it has the probability {share}',
      '由种子 {seed} 选出的一条分支：其概率为 {share}',
    ),
  ],
  BACKEND_CHOSEN: [
    text('only backend {backend}, which gets {share} of the connections', '仅后端 {backend}，它得到 {share} 的连接'),
  ],
  PATHS_TRUNCATED: [
    text('only the first {count} paths were walked: there are more', '只走了前 {count} 条路径：还有更多'),
  ],
  POLICY_NOT_ENFORCED: [
    text(
      'The CNI plugin of this cluster does not enforce NetworkPolicy: {policies} would apply and change nothing.',
      '本集群的 CNI 插件不执行 NetworkPolicy：{policies} 本应适用，但不起作用。',
    ),
  ],
};

/** Halves of sentences: what stands for `{why}`, `{what}` and `{effect}`. */
export const PARTS: readonly Text[] = [
  text('multicast is not modelled, and {ip} is an address of a multicast group', '未模拟组播，而 {ip} 是组播地址'),
  text('no node fits its nodeSelector', '没有节点符合其 nodeSelector'),
  text('its host ports are taken on every node', '其 hostPort 在每个节点上都已被占用'),
  text('no load balancer provider gives out addresses', '没有负载均衡提供者分配地址'),
  text('its loadBalancerClass is not MetalLB’s default', '其 loadBalancerClass 不是 MetalLB 的默认值'),
  text('{ip} is in no address pool', '{ip} 不在任何地址池中'),
  text('{ip} is not in the address pool {pool}', '{ip} 不在地址池 {pool} 中'),
  text('the address pool {pool} is not for this Service', '地址池 {pool} 不供该 Service 使用'),
  text('{ip} is in use by {holder}', '{ip} 已被 {holder} 使用'),
  text('there is no address pool {pool}', '没有地址池 {pool}'),
  text('no address pool is for it', '没有地址池供其使用'),
  text('the address pool is used up', '地址池已用完'),
  text('no advertisement is of the address pool {pool}', '没有通告对象针对地址池 {pool}'),
  text('no BGPPeer names a router that would learn it', '没有 BGPPeer 指明会学习该地址的路由器'),
  text('no endpoint of it can serve on a node that may announce it', '在可通告该地址的节点上没有可用的端点'),
  text('named ports', '命名端口'),
  text('peers of nodes', 'nodes 对端'),
  text('domain names', '域名'),
  text('this kind of peer', '此类对端'),
  text('sameLabels and notSameLabels', 'sameLabels 和 notSameLabels'),
  text('the rule accepts nothing', '该规则不放行任何流量'),
  text('the rule denies everything', '该规则拒绝一切'),
  text(
    'which server is next depends on connections before this one, so each has its share of the paths',
    '下一个服务器取决于此前的连接，因此每个服务器各占一份路径',
  ),
  text(
    'the server follows from the packet, and from the order in which kube-proxy added the servers; that order is taken to be the sorted one',
    '服务器由报文以及 kube-proxy 添加服务器的顺序决定；该顺序假定为排序后的顺序',
  ),
  text('the address in the status of Ingress {name}', 'Ingress {name} 状态中的地址'),
  text('the address of Gateway {name}', 'Gateway {name} 的地址'),
  text('the external address of Service {name}', 'Service {name} 的外部地址'),
  text('node {node}, where {pod} listens', '节点 {node}，{pod} 在其上监听'),
  text('filter {filter} of HTTPRoute {route}', 'HTTPRoute {route} 的过滤器 {filter}'),
  text('annotation {annotation} of Ingress {ingress}', 'Ingress {ingress} 的注解 {annotation}'),
  text('the regular expression in HTTPRoute {route}', 'HTTPRoute {route} 中的正则表达式'),
  text('a backend of kind {kind}', 'kind 为 {kind} 的后端'),
  text('the pattern {pattern}', '模式 {pattern}'),
  text('host {host}: no path fits {path}', '主机 {host}：没有路径匹配 {path}'),
  text('no rule for host {host}', '没有针对主机 {host} 的规则'),
  text(
    'no listener of Gateway {gateway} on port {port} takes host {host}',
    'Gateway {gateway} 端口 {port} 上没有接受主机 {host} 的监听器',
  ),
  text('the addresses behind Service {name} of type ExternalName', 'ExternalName 类型 Service {name} 背后的地址'),
  text(
    'the address of {name}, which --resolve {asked}:ADDRESS gives',
    '{name} 的地址（可由 --resolve {asked}:ADDRESS 给出）',
  ),
  text('the address of {name}', '{name} 的地址'),
  text('match {match} is not modelled', '未模拟的匹配 {match}'),
  text('target {target} is not modelled', '未模拟的目标 {target}'),
  text('TCP option {kind} in the segment', '报文段中的 TCP 选项 {kind}'),
  text('the rate that hashlimit {name} measures', 'hashlimit {name} 测得的速率'),
  text('the time of day is that of time {time}', '当前时刻符合 time {time}'),
  text('the payload holds {pattern}', '负载包含 {pattern}'),
  text('the payload lacks {pattern}', '负载不包含 {pattern}'),
  text('the header of a fragment', '分片的头部'),
  text('ipset {name} is not known', '未知的 ipset {name}'),
  text('the counters of ipset {name}', 'ipset {name} 的计数器'),
  text('{words}: no match', '{words}：不匹配'),
  text('{words}: match', '{words}：匹配'),
];
