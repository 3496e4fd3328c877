import { text } from '../language.ts';
import type { CodeEntry } from './entry.ts';

export const SERVICE_CODES = {
  SERVICE_PORT_NOT_EXPOSED: {
    layer: 'service',
    symptom: 'timeout',
    meaning: text(
      'The Service has no such port: no rule takes the packet to its address.',
      'Service 没有这个端口：没有规则处理发往其地址的数据包。',
    ),
    summary: text(
      'Service {service} has no port {port}/{protocol}; it exposes {ports}. The packet ends at {end}.',
      'Service {service} 没有端口 {port}/{protocol}；它提供 {ports}。数据包止于 {end}。',
    ),
    causes: [
      text(
        'The client uses the targetPort where the Service has another port, or the wrong protocol.',
        '客户端使用了 targetPort 而不是 Service 的端口，或协议不对。',
      ),
    ],
    fixes: [
      text(
        'Use the port of the Service, or add the port to spec.ports.',
        '使用 Service 的端口，或在 spec.ports 中添加该端口。',
      ),
    ],
  },
  SERVICE_NO_ENDPOINTS: {
    layer: 'service',
    symptom: 'refused',
    meaning: text(
      'The Service has no endpoints at all: its selector matches no Pod.',
      'Service 没有任何端点：其选择器没有匹配到 Pod。',
    ),
    summary: text(
      'Service {service} has no endpoints: no Pod matches its selector.',
      'Service {service} 没有端点：没有 Pod 匹配其选择器。',
    ),
    causes: [
      text(
        'The labels of the Pods and the selector differ, or the Pods are in another namespace.',
        'Pod 的标签与选择器不一致，或 Pod 在另一个命名空间。',
      ),
    ],
    fixes: [
      text(
        'Compare spec.selector with the labels: kubectl get pods --show-labels.',
        '对照 spec.selector 与标签：kubectl get pods --show-labels。',
      ),
    ],
  },
  SERVICE_NO_READY_ENDPOINTS: {
    layer: 'service',
    symptom: 'refused',
    meaning: text('The Service selects Pods, but none of them is ready.', 'Service 选中了 Pod，但没有一个就绪。'),
    summary: text(
      'Service {service} selects Pods, but none of them is ready.',
      'Service {service} 选中了 Pod，但没有一个就绪。',
    ),
    causes: [
      text(
        'The readiness probe fails, or the Pods are starting or terminating.',
        '就绪探针失败，或 Pod 正在启动或终止。',
      ),
    ],
    fixes: [text('Look at the readiness probe: kubectl describe pod.', '检查就绪探针：kubectl describe pod。')],
  },
  SERVICE_NO_LOCAL_ENDPOINTS: {
    layer: 'service',
    symptom: 'timeout',
    meaning: text(
      'The traffic policy is Local and this node runs no ready endpoint of the Service.',
      '流量策略为 Local，而本节点没有该 Service 的就绪端点。',
    ),
    summary: text(
      'Service {service} has traffic policy Local, and {node} runs no ready endpoint of it.',
      'Service {service} 的流量策略为 Local，而 {node} 上没有它的就绪端点。',
    ),
    causes: [
      text(
        'externalTrafficPolicy or internalTrafficPolicy is Local and the client came to another node.',
        'externalTrafficPolicy 或 internalTrafficPolicy 为 Local，而客户端访问了另一个节点。',
      ),
    ],
    fixes: [
      text(
        'Ask a node that runs an endpoint, use policy Cluster, or run a Pod on each node.',
        '访问有端点的节点、改用 Cluster 策略，或在每个节点运行 Pod。',
      ),
    ],
  },
  SERVICE_SOURCE_RANGE_DENIED: {
    layer: 'service',
    symptom: 'timeout',
    meaning: text(
      'spec.loadBalancerSourceRanges does not admit the client.',
      'spec.loadBalancerSourceRanges 没有放行该客户端。',
    ),
    summary: text(
      'The loadBalancerSourceRanges of Service {service} do not admit {from}.',
      'Service {service} 的 loadBalancerSourceRanges 没有放行 {from}。',
    ),
    causes: [
      text(
        'The address of the client is not in the list, or a device on the way replaced it.',
        '客户端地址不在列表中，或途中被替换。',
      ),
    ],
    fixes: [
      text(
        'Add the range of the client to spec.loadBalancerSourceRanges.',
        '将客户端的网段加入 spec.loadBalancerSourceRanges。',
      ),
    ],
  },
  LOADBALANCER_PENDING: {
    layer: 'service',
    symptom: 'timeout',
    meaning: text(
      'The Service of type LoadBalancer has no address yet: no provider gave it one.',
      'LoadBalancer 类型的 Service 还没有地址：没有提供者为它分配。',
    ),
    summary: text(
      'Service {service} waits for an external address (<pending>): only its ClusterIP and node ports work.',
      'Service {service} 仍在等待外部地址（<pending>）：只有 ClusterIP 和节点端口可用。',
    ),
    causes: [
      text(
        'The cluster has no load balancer provider, or its address pool is used up.',
        '集群没有负载均衡提供者，或其地址池已用完。',
      ),
    ],
    fixes: [
      text('Install a provider such as MetalLB, or use the node port.', '安装 MetalLB 等提供者，或使用节点端口。'),
    ],
  },
  CLUSTER_IP_FROM_OUTSIDE: {
    layer: 'service',
    symptom: 'timeout',
    meaning: text(
      'A machine outside the cluster uses a ClusterIP, which exists only in the rules of the nodes.',
      '集群外的机器使用了 ClusterIP，而它只存在于节点的规则中。',
    ),
    summary: text(
      '{source} is outside the cluster, and {to} is the ClusterIP of {service}: only nodes and Pods can use it. The packet ends at {end}.',
      '{source} 在集群外，而 {to} 是 {service} 的 ClusterIP：只有节点和 Pod 能使用它。数据包止于 {end}。',
    ),
    causes: [
      text(
        'A ClusterIP is used where a node port or a load balancer address is needed.',
        '应使用节点端口或负载均衡地址之处使用了 ClusterIP。',
      ),
    ],
    fixes: [
      text(
        'Use a Service of type NodePort or LoadBalancer, an Ingress, or kubectl port-forward.',
        '使用 NodePort 或 LoadBalancer 类型的 Service、Ingress，或 kubectl port-forward。',
      ),
    ],
  },
  CLUSTER_IP_NO_ICMP: {
    layer: 'service',
    symptom: 'unreachable',
    meaning: text(
      'A ClusterIP does not answer ping: kube-proxy translates ports alone, and only in IPVS mode before 1.27 do the nodes hold the address and answer.',
      'ClusterIP 不响应 ping：kube-proxy 只转换端口；只有 1.27 之前的 IPVS 模式下节点才拥有该地址并应答。',
    ),
    summary: text(
      '{to} is the ClusterIP of {service}; kube-proxy translates none of its ICMP, so the ping ends at {end}.',
      '{to} 是 {service} 的 ClusterIP；kube-proxy 不转换它的 ICMP，ping 止于 {end}。',
    ),
    causes: [
      text(
        'ping says nothing about a Service: kube-proxy translates only its TCP, UDP and SCTP ports.',
        'ping 不能用来检查 Service：kube-proxy 只转换其 TCP、UDP 和 SCTP 端口。',
      ),
    ],
    fixes: [
      text(
        'Try the port instead: nettrace SOURCE SERVICE:PORT, or curl.',
        '改为测试端口：nettrace SOURCE SERVICE:PORT，或 curl。',
      ),
    ],
  },
  CLUSTER_IP_UNALLOCATED: {
    layer: 'service',
    symptom: 'timeout',
    meaning: text(
      'The address is of the network of Services, and no Service has it.',
      '该地址属于 Service 网段，但没有任何 Service 使用它。',
    ),
    summary: text(
      'No Service has the address {to}, which is of the network of Services. The packet ends at {end}.',
      '没有 Service 使用地址 {to}，而它属于 Service 网段。数据包止于 {end}。',
    ),
    causes: [
      text(
        'The Service was deleted, or made again with another ClusterIP, and the client keeps the old address.',
        'Service 已被删除，或重建后换了 ClusterIP，而客户端仍在使用旧地址。',
      ),
      text('The address is mistyped, or of another cluster.', '地址写错，或属于另一个集群。'),
    ],
    fixes: [
      text(
        'Use the name of the Service: DNS knows its present address (kubectl get svc shows it).',
        '使用 Service 的名称：DNS 知道其当前地址（用 kubectl get svc 查看）。',
      ),
    ],
  },
  EXTERNAL_IP_NO_ICMP: {
    layer: 'service',
    symptom: 'unreachable',
    meaning: text(
      'A load balancer address or externalIP does not answer ping: no machine holds it, kube-proxy translates ports alone, and in IPVS mode since 1.27 it refuses the rest.',
      '负载均衡地址或 externalIP 不响应 ping：没有机器拥有它，kube-proxy 只转换端口；IPVS 模式自 1.27 起拒绝其余流量。',
    ),
    summary: text(
      '{to} is an external address of {service}; kube-proxy translates none of its ICMP, so the ping ends at {end}.',
      '{to} 是 {service} 的外部地址；kube-proxy 不转换它的 ICMP，ping 止于 {end}。',
    ),
    causes: [
      text(
        'ping says nothing about a Service: kube-proxy translates only its TCP, UDP and SCTP ports.',
        'ping 不能用来检查 Service：kube-proxy 只转换其 TCP、UDP 和 SCTP 端口。',
      ),
    ],
    fixes: [
      text(
        'Try the port instead: nettrace SOURCE ADDRESS:PORT, or curl.',
        '改为测试端口：nettrace SOURCE ADDRESS:PORT，或 curl。',
      ),
    ],
  },
  NODE_PORT_NOT_BOUND: {
    layer: 'service',
    symptom: 'refused',
    meaning: text(
      'No Service takes this node port on this address of the node.',
      '节点的这个地址上没有 Service 使用该节点端口。',
    ),
    summary: text(
      'Nothing takes port {port}/{protocol} on {to} of {node}: {nodePort}.',
      '{node} 的 {to} 上没有处理端口 {port}/{protocol} 的规则：{nodePort}。',
    ),
    causes: [
      text(
        'The port number is wrong, or nodePortAddresses leaves this address out.',
        '端口号写错，或 nodePortAddresses 不包含该地址。',
      ),
      text(
        'In nftables mode only the primary address of a node answers node ports unless nodePortAddresses says more; 127.0.0.1 answers in iptables mode alone.',
        'nftables 模式下，除非 nodePortAddresses 另有规定，只有节点的主地址响应节点端口；127.0.0.1 只在 iptables 模式下响应。',
      ),
      text(
        'It is a hostPort, which only the node of the Pod answers.',
        '它是 hostPort，只有运行该 Pod 的节点才会响应。',
      ),
    ],
    fixes: [
      text(
        'kubectl get svc shows the node port (80:31158/TCP); use an address in nodePortAddresses.',
        '用 kubectl get svc 查看节点端口（80:31158/TCP）；使用 nodePortAddresses 中的地址。',
      ),
    ],
  },
} as const satisfies Record<string, CodeEntry>;
