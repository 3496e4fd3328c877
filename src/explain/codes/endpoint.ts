import { text } from '../language.ts';
import type { CodeEntry } from './entry.ts';

/** Ingress controllers, sockets, and the limits of the model. */
export const ENDPOINT_CODES = {
  INGRESS_HOST_UNMATCHED: {
    layer: 'ingress',
    symptom: 'http-404',
    meaning: text('No rule of any Ingress names the host of the request.', '没有 Ingress 规则包含请求的主机名。'),
    summary: text(
      'No Ingress rule names the host of {destination}: the controller answers 404.',
      '没有 Ingress 规则包含 {destination} 的主机名：控制器返回 404。',
    ),
    causes: [
      text(
        'The host is misspelt or the request carries another Host header.',
        '主机名拼写错误，或请求带有其他 Host 头。',
      ),
    ],
    fixes: [text('Add a rule for the host, or a default backend.', '为该主机名添加规则，或设置默认后端。')],
  },
  INGRESS_PATH_UNMATCHED: {
    layer: 'ingress',
    symptom: 'http-404',
    meaning: text('The host is known but no path of its rules matches.', '主机名已知，但没有路径匹配。'),
    summary: text(
      'The Ingress rules for the host of {destination} have no path that matches: the controller answers 404.',
      '{destination} 的主机名有 Ingress 规则，但没有匹配的路径：控制器返回 404。',
    ),
    causes: [
      text(
        'pathType Exact where Prefix is meant, or a missing path.',
        '本应为 Prefix 的 pathType 写成了 Exact，或缺少路径。',
      ),
    ],
    fixes: [text('Change the path or its pathType.', '修改路径或 pathType。')],
  },
  INGRESS_CLASS_UNHANDLED: {
    layer: 'ingress',
    symptom: 'http-404',
    meaning: text('No controller handles the class of the Ingress.', '没有控制器处理该 Ingress 的 class。'),
    summary: text(
      'No controller handles the class of the Ingress behind {destination}.',
      '没有控制器处理 {destination} 背后的 Ingress class。',
    ),
    causes: [
      text(
        'ingressClassName is missing or names a class that nobody serves.',
        '缺少 ingressClassName，或没有控制器服务该 class。',
      ),
    ],
    fixes: [
      text(
        'Set spec.ingressClassName, or mark a class as the default.',
        '设置 spec.ingressClassName，或将某个 class 设为默认。',
      ),
    ],
  },
  INGRESS_SOURCE_DENIED: {
    layer: 'ingress',
    symptom: 'http-403',
    meaning: text(
      'The Ingress admits only some client addresses, and the controller sees another one.',
      'Ingress 只允许部分客户端地址，而控制器看到的是其他地址。',
    ),
    summary: text(
      'The Ingress behind {destination} does not admit {from}, the address that the controller sees: it answers 403.',
      '{destination} 背后的 Ingress 不允许控制器看到的地址 {from}：返回 403。',
    ),
    causes: [
      text(
        'With externalTrafficPolicy Cluster the controller sees the address of a node, not of the client.',
        'externalTrafficPolicy 为 Cluster 时，控制器看到的是节点地址而不是客户端地址。',
      ),
    ],
    fixes: [
      text(
        "Set externalTrafficPolicy: Local on the controller's Service, or extend the annotation's ranges.",
        '在控制器的 Service 上设置 externalTrafficPolicy: Local，或扩大注解中的地址范围。',
      ),
    ],
  },
  INGRESS_BACKEND_UNAVAILABLE: {
    layer: 'ingress',
    symptom: 'http-503',
    meaning: text('The controller reaches no backend of the Service.', '控制器无法到达 Service 的任何后端。'),
    summary: text(
      'The controller takes the request for {destination} but reaches no backend of {service}.',
      '控制器接受了对 {destination} 的请求，但无法到达 {service} 的任何后端。',
    ),
    causes: [
      text(
        'The Service has no endpoints, or a policy keeps the controller out.',
        'Service 没有端点，或策略不允许控制器访问。',
      ),
    ],
    fixes: [text('Trace from the controller to the backend.', '从控制器到后端再做一次跟踪。')],
  },
  SOCKET_NOT_LISTENING: {
    layer: 'socket',
    symptom: 'refused',
    meaning: text('The packet arrives, but no process listens on the port.', '数据包到达，但没有进程监听该端口。'),
    summary: text(
      'The packet arrives at {pod}, but nothing there listens on {protocol}/{port}.',
      '数据包到达 {pod}，但没有进程监听 {protocol}/{port}。',
    ),
    causes: [
      text(
        'The targetPort of the Service and the port of the process differ.',
        'Service 的 targetPort 与进程的端口不一致。',
      ),
      text('The process has not started or has crashed.', '进程没有启动或已崩溃。'),
    ],
    fixes: [text('Compare targetPort with `ss -lnt` in the container.', '对照 targetPort 与容器内的 `ss -lnt`。')],
  },
  SOCKET_LOOPBACK_ONLY: {
    layer: 'socket',
    symptom: 'refused',
    meaning: text(
      'A process listens on the port, but only on the loopback address.',
      '有进程监听该端口，但只监听环回地址。',
    ),
    summary: text(
      'In {pod} a process listens on {protocol}/{port}, but only on {bound}: what comes to {to} is refused.',
      '{pod} 中有进程监听 {protocol}/{port}，但只在 {bound} 上：发往 {to} 的连接被拒绝。',
    ),
    causes: [
      text(
        'The process binds to 127.0.0.1, the default of many development servers.',
        '进程绑定在 127.0.0.1，这是许多开发服务器的默认值。',
      ),
    ],
    fixes: [text('Bind the process to 0.0.0.0.', '让进程绑定到 0.0.0.0。')],
  },
  BROADCAST_NOT_PERMITTED: {
    layer: 'socket',
    symptom: 'unreachable',
    meaning: text(
      'The destination is a broadcast address: the send call fails, and there is no packet.',
      '目的地址是广播地址：发送调用失败，不会产生数据包。',
    ),
    summary: text(
      'The socket of {source} may not send to {to}, which is a broadcast address: {broadcast}.',
      '{source} 的套接字不能向广播地址 {to} 发送：{broadcast}。',
    ),
    causes: [
      text(
        'The program did not set SO_BROADCAST: the kernel then answers EACCES to UDP and to ping.',
        '程序没有设置 SO_BROADCAST：内核对 UDP 和 ping 返回 EACCES。',
      ),
      text(
        'The last address of a network was written where that of a machine was meant.',
        '本应填写主机地址的地方写成了网段的最后一个地址。',
      ),
    ],
    fixes: [
      text(
        'Name the address of a machine, or set SO_BROADCAST (ping -b, socat broadcast) where all machines are meant.',
        '改用主机的地址；若确实要发给所有主机，则设置 SO_BROADCAST（ping -b、socat broadcast）。',
      ),
    ],
  },
  ICMP_ECHO_IGNORED: {
    layer: 'socket',
    symptom: 'timeout',
    meaning: text(
      'The machine ignores ping: net.ipv4.icmp_echo_ignore_all is 1.',
      '机器忽略 ping：net.ipv4.icmp_echo_ignore_all 为 1。',
    ),
    summary: text('{node} ignores the ping to {to}.', '{node} 忽略了对 {to} 的 ping。'),
    causes: [text('A hardening script set icmp_echo_ignore_all.', '加固脚本设置了 icmp_echo_ignore_all。')],
    fixes: [text('sysctl -w net.ipv4.icmp_echo_ignore_all=0.', '执行 sysctl -w net.ipv4.icmp_echo_ignore_all=0。')],
  },
  MODEL_UNSUPPORTED: {
    layer: 'model',
    symptom: undefined,
    meaning: text(
      'The path uses something that nettrace does not emulate, and the verdict depends on it.',
      '路径用到了 nettrace 不模拟的功能，而结论取决于它。',
    ),
    summary: text(
      'The verdict depends on something nettrace cannot decide: {missing}.',
      '结论取决于 nettrace 无法判断的内容：{missing}。',
    ),
    causes: [
      text(
        'An iptables match or target that is not modelled decides about the packet.',
        '未建模的 iptables 匹配或目标决定了数据包的去向。',
      ),
    ],
    fixes: [
      text(
        'Remove the rule from the input if it does not matter, or look at the machine itself.',
        '若该规则无关紧要，从输入中删除；否则查看机器本身。',
      ),
    ],
  },
  MODEL_DATA_MISSING: {
    layer: 'model',
    symptom: undefined,
    meaning: text('The input lacks something that the verdict depends on.', '输入缺少结论所依赖的内容。'),
    summary: text('The input lacks what the verdict depends on: {missing}.', '输入缺少结论所依赖的内容：{missing}。'),
    causes: [
      text(
        'An ipset, a chain or a machine is not in the files that were given.',
        '给出的文件中没有某个 ipset、链或机器。',
      ),
    ],
    fixes: [text('Add the missing dump or manifest with another -f.', '用另一个 -f 添加缺少的导出或清单。')],
  },
} as const satisfies Record<string, CodeEntry>;
