/** A Pod's given address outside the Pod networks. */
import { text } from '../../explain/language.ts';
import { fromWarning } from './from-warning.ts';

export const addressOutside = fromWarning({
  id: 'address-outside',
  severity: 'warning',
  title: text("A Pod's address is in no Pod network", 'Pod 的地址不在任何 Pod 网段内'),
  why: text(
    'Nodes have no route to it, and NAT treats it as an address of the outside.',
    '节点没有到它的路由，NAT 也会把它当作外部地址。',
  ),
  source: 'kube-proxy: --cluster-cidr',
});
