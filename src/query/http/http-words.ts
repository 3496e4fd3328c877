/** Sentences about requests behind a proxy. */
import { text } from '../../explain/language.ts';

export const HTTP_WORDS = {
  delivered: text(
    '{source} reaches {destination}: {proxy} takes the request and Service {service} answers it.',
    '{source} 可以访问 {destination}：{proxy} 接受请求，由 Service {service} 应答。',
  ),
  redirected: text(
    '{source} reaches {proxy}, which answers {status} and sends the client to {location}.',
    '{source} 到达 {proxy}，它返回 {status}，让客户端访问 {location}。',
  ),
  unavailable: text('{outer} {inner}', '{outer} {inner}'),
  noService: text('Service {service} does not exist.', 'Service {service} 不存在。'),
  noPort: text('Service {service} has no port {port}.', 'Service {service} 没有端口 {port}。'),
  noEndpoints: text('Service {service} has no ready endpoint.', 'Service {service} 没有就绪的端点。'),
  noBackend: text('The rule names no Service.', '规则没有指定 Service。'),
  notPermitted: text(
    'No ReferenceGrant lets the route use Service {service} of another namespace.',
    '没有 ReferenceGrant 允许该路由使用其他命名空间的 Service {service}。',
  ),
  proxyAs: text('{proxy} to {service}', '{proxy} 到 {service}'),
} as const;
