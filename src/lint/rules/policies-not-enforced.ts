/** Policies under a plugin that enforces none. */
import { text } from '../../explain/language.ts';
import { found, type LintRule } from '../rule.ts';

export const policiesNotEnforced: LintRule = {
  id: 'policies-not-enforced',
  severity: 'error',
  title: text('The CNI plugin enforces no policies', 'CNI 插件不执行策略'),
  why: text(
    'The API server takes NetworkPolicies whatever plugin runs: here they protect nobody.',
    '无论使用哪个插件，API server 都接受 NetworkPolicy：在这里它们不保护任何 Pod。',
  ),
  source: 'kubernetes.io, Network Policies (Prerequisites)',
  *check({ loaded, cluster }) {
    const [first, ...others] = cluster.policies;
    if (loaded.enforcesPolicies || first === undefined) return;
    const values = { plugin: cluster.settings.cni.plugin, others: String(others.length) };
    yield found(first, ['spec'], others.length === 0 ? ONE : SEVERAL, values, { what: 'key' });
  },
};

const ONE = text(
  'the plugin {plugin} enforces no policies: it has no effect',
  '插件 {plugin} 不执行策略：该策略不起作用',
);
const SEVERAL = text(
  'the plugin {plugin} enforces no policies: this one and {others} more have no effect',
  '插件 {plugin} 不执行策略：这个和另外 {others} 个策略都不起作用',
);
