/** Any kind of random scenario, by the options that all tools here share. */
import { generateScenario } from './generate.ts';
import { type ClusterOptions, generateCluster } from './generate-cluster.ts';
import type { Scenario } from './scenario.ts';
import { toIpv6 } from './to-ipv6.ts';

export type AnyOptions = {
  readonly probes: number;
  /** Kinds of devices that the kernel has. */
  readonly kinds: readonly string[];
  /** Rules that remember (limit, nth, recent). */
  readonly remembers?: boolean;
  /** Whole clusters in place of machines written out one by one. */
  readonly clusters?: boolean;
  /** Of clusters: kube-proxy's mode. */
  readonly proxy?: NonNullable<ClusterOptions['proxy']>;
  /** The machines with addresses of IPv6 (to-ipv6.ts). */
  readonly ipv6?: boolean;
};

export function generateAny(seed: number, options: AnyOptions): Scenario {
  if (options.clusters === true) return generateCluster(seed, options);
  const scenario = generateScenario(seed, options);
  return options.ipv6 === true ? toIpv6(scenario) : scenario;
}

/** For parseArgs(). */
export const GENERATOR_FLAGS = {
  probes: { type: 'string', default: '60' },
  remembers: { type: 'boolean', default: false },
  clusters: { type: 'boolean', default: false },
  proxy: { type: 'string' },
  ipv6: { type: 'boolean', default: false },
} as const;

export function generatorOptions(
  values: {
    readonly probes: string;
    readonly remembers: boolean;
    readonly clusters: boolean;
    readonly proxy?: string | undefined;
    readonly ipv6: boolean;
  },
  kinds: readonly string[],
): AnyOptions {
  const proxy = (['iptables', 'ipvs', 'nftables'] as const).find((mode) => mode === values.proxy);
  const { remembers, clusters, ipv6 } = values;
  return { probes: Number(values.probes), kinds, remembers, clusters, ipv6, ...(proxy === undefined ? {} : { proxy }) };
}
