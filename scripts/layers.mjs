/**
 * Which folder may import which. Arrows point one way:
 *   lib ← net ← kernel | cluster ← compile | policy ← topology | explain ← query | lint | lab ← suite ← report ← cli.
 * The rules below have the details: explain knows no topology, policy and compile know nothing of each other.
 * kernel (Linux) and cluster (Kubernetes) never meet; compile turns one into the other and decides nothing about packets.
 */
const layer = (name) => `^src/${name}/`;
const only = (from, allowed, extra = []) => ({
  name: `${from}-imports`,
  severity: 'error',
  from: { path: layer(from) },
  to: { path: '^src/', pathNot: [layer(from), ...allowed.map(layer), ...extra] },
});

/** The files of kernel that hold data and no behaviour of packets: all that compilers may see. */
const kernelData =
  '^src/kernel/(netns-id|netns-spec|origin|sysctl|socket|link/device|route/route|route/.*-text|ipvs/virtual-server|nftables/(ruleset|expression|table-spec)|netfilter/(hook|ruleset|ipset|ipset/.*|target))[.]ts$';

export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('lib', []),
    only('net', ['lib']),
    only('kernel', ['net', 'lib']),
    only('cluster', ['net', 'lib']),
    only('policy', ['cluster', 'net', 'lib']),
    only('compile', ['cluster', 'net', 'lib'], [kernelData]),
    only('lab', ['topology', 'kernel', 'net', 'lib']),
    only('topology', ['compile', 'cluster', 'kernel', 'net', 'lib']),
    only('query', ['topology', 'compile', 'policy', 'cluster', 'kernel', 'net', 'lib', 'explain']),
    only(
      'suite',
      ['query', 'policy', 'topology', 'compile', 'cluster', 'explain', 'net', 'lib'],
      ['^src/kernel/netns-id[.]ts$'],
    ),
    only('lint', ['topology', 'compile', 'policy', 'cluster', 'explain', 'net', 'lib']),
    only('explain', ['compile', 'policy', 'cluster', 'kernel', 'net', 'lib']),
    only('report', ['explain', 'query', 'suite', 'lint', 'policy', 'net', 'lib'], ['^src/kernel/walk/step[.]ts$']),
    { name: 'no-utils', severity: 'error', from: {}, to: { path: '/(utils?|helpers?|common)/' } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
