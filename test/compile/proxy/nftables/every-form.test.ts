/** The tables of a node for every form of a Service. The real nft is asked about this file beside the others. */
import { expect, it } from 'vitest';
import { OriginTable } from '../../../../src/compile/origin.ts';
import { nftablesProxy } from '../../../../src/compile/proxy/nftables/index.ts';
import { buildTables } from '../../../../src/kernel/nftables/build-tables.ts';
import { printNftables } from '../../../../src/kernel/nftables/print-ruleset.ts';
import { clusterOf } from '../../cluster-fixture.ts';
import { everyForm } from '../every-form.ts';

it('every form of a Service, in both families', async () => {
  const cluster = clusterOf(everyForm({ mode: 'nftables' }));
  const { nftables = [] } = nftablesProxy.forCluster(cluster, new OriginTable()).node('node1');
  expect(nftables).toHaveLength(2);
  await expect(printNftables(buildTables(nftables, []))).toMatchFileSnapshot('kube-proxy-every-form.nft');
});
