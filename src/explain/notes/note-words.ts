/** Sentences of assumptions by code. English is what the code writes. */
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
    text(
      'clusterCIDR of kube-proxy is taken to be {networks}, as the IP pools have it (spec.proxy.clusterCIDR of a Cluster document)',
      '按 IP 池假定 kube-proxy 的 clusterCIDR 为 {networks}（Cluster 文档的 spec.proxy.clusterCIDR）',
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
