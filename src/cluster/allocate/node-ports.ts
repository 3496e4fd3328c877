import type { Issue } from '../../lib/result.ts';
import { invalid } from '../field-error.ts';
import type { Note } from '../note.ts';
import type { Service } from '../objects.ts';
import type { ServiceDraft } from '../read/read-service.ts';
import type { ClusterSettings } from '../settings.ts';
import type { PathSegment } from '../source.ts';
import { atField } from './at-field.ts';

/** The node ports of one cluster: given ones are checked and reserved, then the others are given out in order. */
export class NodePorts {
  readonly #range: ClusterSettings['nodePortRange'];
  readonly #issues: Issue[];
  /** `30080 TCP` -> who has it. */
  readonly #owners = new Map<string, Service>();
  readonly #numbers = new Set<number>();
  #next: number;

  constructor(range: ClusterSettings['nodePortRange'], issues: Issue[]) {
    this.#range = range;
    this.#issues = issues;
    // The API server keeps the lower part for ports that people choose (KEP-3668).
    const size = range.last - range.first + 1;
    this.#next = range.first + (size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128));
  }

  /** allocNodePorts(), allocHealthCheckNodePort(): only Services of these types are given ports. */
  reserve(service: Service): void {
    if (service.type !== 'NodePort' && service.type !== 'LoadBalancer') return;
    for (const [index, { nodePort, protocol }] of service.ports.entries()) {
      if (nodePort === 0) continue;
      const place = ['spec', 'ports', index, 'nodePort'];
      this.#reserveOne(service, nodePort, protocol, place, (words) => invalid(nodePort, words));
    }
    const health = service.healthCheckNodePort;
    if (health === 0) return;
    const failed = `failed to allocate requested HealthCheck NodePort ${health}`;
    const place = ['spec', 'healthCheckNodePort'];
    this.#reserveOne(service, health, 'TCP', place, (words) => `${failed}: ${words}`);
  }

  #reserveOne(
    service: Service,
    port: number,
    protocol: string,
    path: readonly PathSegment[],
    print: (words: string) => string,
  ): void {
    const { first, last } = this.#range;
    if (port < first || port > last) {
      const words = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
      this.#issues.push(atField('error', 'node-port', service, path, print(words)));
      return;
    }
    const owner = this.#owners.get(`${port} ${protocol}`);
    // A node port that stands twice in a Service is refused before ports are given out (ValidateService()).
    if (owner !== undefined && (owner !== service || path.length === 2)) {
      const refused = atField('error', 'node-port', service, path, print('provided port is already allocated'));
      this.#issues.push({ ...refused, hint: `Service ${owner.namespace}/${owner.name} has it` });
    }
    this.#owners.set(`${port} ${protocol}`, owner ?? service);
    this.#numbers.add(port);
  }

  complete(
    { service, allocateNodePorts }: ServiceDraft,
    notes: Note[],
  ): Pick<Service, 'ports' | 'healthCheckNodePort'> {
    const balanced = service.type === 'LoadBalancer';
    const { ports, healthCheckNodePort } = service;
    if (service.type !== 'NodePort' && !balanced) return { ports, healthCheckNodePort };
    const about = `Service ${service.namespace}/${service.name}`;
    const note = (what: string, port: number): void => {
      notes.push({ code: 'NODE_PORT_ASSUMED', message: `${about} is taken to have the ${what} ${port}`, about });
    };
    const completed = ports.map((port) => {
      if (port.nodePort !== 0 || (balanced && !allocateNodePorts)) return port;
      const nodePort = this.#take(service);
      if (nodePort !== 0) note(`node port of ${port.port}/${port.protocol}`, nodePort);
      return { ...port, nodePort };
    });
    if (!balanced || service.externalTrafficPolicy !== 'Local' || healthCheckNodePort !== 0) {
      return { ports: completed, healthCheckNodePort };
    }
    const health = this.#take(service);
    if (health !== 0) note('health check node port', health);
    return { ports: completed, healthCheckNodePort: health };
  }

  #take(service: Service): number {
    const { first, last } = this.#range;
    const size = last - first + 1;
    for (let step = 0; step < size; step++) {
      const port = first + ((this.#next - first + step) % size);
      if (this.#numbers.has(port)) continue;
      this.#numbers.add(port);
      this.#next = port + 1;
      return port;
    }
    this.#issues.push(
      atField('error', 'node-port', service, ['spec', 'ports'], 'failed to allocate a nodePort: range is full'),
    );
    return 0;
  }
}
