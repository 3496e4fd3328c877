/** An Ingress of a class that no controller takes. */
import { httpProxies } from '../../cluster/http/http-proxy.ts';
import { type ClassAnswer, classAnswer } from '../../cluster/http/ingress-class.ts';
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const ingressClassUnhandled: LintRule = {
  id: 'ingress-class-unhandled',
  severity: 'warning',
  title: text('No controller takes an Ingress', '没有控制器处理该 Ingress'),
  why: text(
    'It is a valid object that has no effect: requests get the answer for unknown hosts, 404.',
    '对象合法但不起作用：请求会得到未知主机的应答 404。',
  ),
  source: 'ingress-nginx: isValidIngressClass(); kubernetes.io, Ingress class',
  *check({ cluster }) {
    const controllers = new Set(
      httpProxies(cluster).flatMap(({ proxy }) => (proxy.kind === 'ingress' ? [proxy.controller] : [])),
    );
    // Without a controller in the input nothing is known but the classes.
    for (const { controller } of controllers.size > 0 ? [] : cluster.ingressClasses) controllers.add(controller);
    if (controllers.size === 0) return;
    for (const ingress of cluster.ingresses) {
      const answers = [...controllers].map((controller) => classAnswer(cluster, ingress, controller));
      const [worst] = answers;
      if (worst === undefined || answers.includes('handled')) continue;
      const values = {
        name: ingress.className ?? '',
        known: cluster.ingressClasses.map(({ name }) => name).join(', '),
      };
      const hint = values.known === '' ? {} : { hint: HINT };
      yield found(ingress, ['spec', 'ingressClassName'], MESSAGES[worst], values, { what: 'key', ...hint });
    }
  },
};

const MESSAGES: Readonly<Record<ClassAnswer, ReturnType<typeof text>>> = {
  handled: text('is handled', '已被处理'),
  'other-class': text('the controller of class {name} is not in the input', '类 {name} 的控制器不在输入中'),
  'no-class': text('names no class, and there is no default class', '没有写类，也没有默认类'),
  'unknown-class': text('there is no IngressClass {name}', '没有 IngressClass {name}'),
};
const HINT = text('classes: {known}', '已有的类：{known}');
