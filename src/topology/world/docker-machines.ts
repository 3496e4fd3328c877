/** Docker's share of each machine that runs it. */
import { compileDockerHost } from '../../compile/docker/compile-docker-host.ts';
import type { CompiledDockerHost, DockerNetwork } from '../../compile/docker/docker.ts';
import { netnsId } from '../../kernel/netns-id.ts';
import { network } from '../../net/prefix.ts';
import type { DockerSpec } from '../nettrace/host-document.ts';
import type { NetworkDocument } from '../nettrace/network-document.ts';
import type { ContainerInput } from './compile-containers.ts';

export function compileDockerMachines({
  placement,
  networks,
  machines,
  origins,
  issues,
}: ContainerInput): ReadonlyMap<string, CompiledDockerHost> {
  const compiled = new Map<string, CompiledDockerHost>();
  for (const { name, docker, source } of machines) {
    const own = placement.containers.filter(({ host, connection }) => host === name && connection.kind === 'docker');
    if (docker === undefined && own.length === 0) continue;
    const used = new Set(own.flatMap(({ connection }) => (connection.kind === 'docker' ? [connection.network] : [])));
    const result = compileDockerHost(
      {
        name,
        netns: netnsId(name),
        networks: [...defaultNetwork(docker), ...networks.flatMap((given) => dockerNetwork(given, name, used))],
        containers: own.map(({ document, netns, connection, listeners }) => ({
          name: document.name,
          netns,
          network: connection.kind === 'docker' ? connection.network : 'none',
          publish: document.publish.map(({ address, ...port }) => ({
            ...port,
            ...(address === undefined ? {} : { hostIp: address }),
          })),
          listeners,
          source: document.source,
          ...(document.address === undefined ? {} : { address: document.address }),
          ...(document.mac === undefined ? {} : { mac: document.mac }),
          ...(document.interface === undefined ? {} : { interface: document.interface }),
          ...(document.hostInterface === undefined ? {} : { hostInterface: document.hostInterface }),
        })),
        ...(source === undefined ? {} : { source }),
      },
      origins,
    );
    if (result.ok) compiled.set(name, result.value);
    else issues.push(...result.issues);
  }
  return compiled;
}

function defaultNetwork(docker: DockerSpec | undefined): readonly DockerNetwork[] {
  if (docker === undefined) return [];
  const { bridge, address } = docker;
  return [{ name: 'bridge', bridge, subnet: network(address), gateway: address.addr }];
}

/** A bridge network is on the host it names, or on each whose containers use it. */
function dockerNetwork(given: NetworkDocument, host: string, used: ReadonlySet<string>): readonly DockerNetwork[] {
  if (given.driver !== 'bridge' || (given.host === undefined ? !used.has(given.name) : given.host !== host)) return [];
  const { name, bridge, subnet, gateway, icc, source } = given;
  return [
    {
      name,
      icc,
      source,
      ...(bridge === undefined ? {} : { bridge }),
      ...(subnet === undefined ? {} : { subnet }),
      ...(gateway === undefined ? {} : { gateway }),
    },
  ];
}
