/** Which families a Service is of (pkg/registry/core/service/storage/alloc.go: initIPFamilyFields()). */
import type { Issue } from '../../lib/result.ts';
import { type Family, familyOf, printIp } from '../../net/address.ts';
import { invalid } from '../field-error.ts';
import type { ServiceDraft } from '../read/read-service.ts';
import type { PathSegment } from '../source.ts';
import { atField } from './at-field.ts';

/**
 * What becomes of ipFamilies, the primary one first; undefined, with issues, where the API server would refuse the Service.
 *
 * @param available families of the Service networks, the cluster's default first
 */
export function settleServiceFamilies(
  draft: ServiceDraft,
  available: readonly Family[],
  issues: Issue[],
): readonly Family[] | undefined {
  const { service, families: given } = draft;
  const { clusterIps } = service;
  const [usual = 4] = available;
  const bare = service.headless && service.selector === undefined;
  const policy = draft.familyPolicy ?? (bare ? 'RequireDualStack' : 'SingleStack');
  const problems: Issue[] = [];
  const refuse = (field: readonly PathSegment[], value: unknown, message: string): void => {
    problems.push(atField('error', 'ip-families', service, ['spec', ...field], invalid(value, message)));
  };
  if (policy === 'SingleStack') {
    const several = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
    if (clusterIps.length === 2) refuse(['ipFamilyPolicy'], 'SingleStack', `${several} cluster IPs are specified`);
    if (given.length === 2) refuse(['ipFamilyPolicy'], 'SingleStack', `${several} IP families are specified`);
  }
  const families = [...given];
  for (const [index, ip] of clusterIps.entries()) {
    if (index < families.length) continue;
    const family = familyOf(ip);
    if (available.includes(family)) families.push(family);
    else {
      refuse(['clusterIPs', index], clusterIps.map(printIp), `IPv${family} is not configured on this cluster`);
    }
  }
  if (problems.length === 0 && !bare) {
    if (policy === 'RequireDualStack' && available.length < 2) {
      refuse(['ipFamilyPolicy'], 'RequireDualStack', 'this cluster is not configured for dual-stack services');
    }
    for (const [index, family] of families.entries()) {
      if (available.includes(family)) continue;
      refuse(['ipFamilies', index], `IPv${family}`, 'not configured on this cluster');
    }
  }
  issues.push(...problems);
  if (problems.length > 0) return undefined;
  const [first = usual, ...others] = families;
  const second: readonly Family[] = others.length > 0 ? others : [first === 4 ? 6 : 4];
  // A headless Service without a selector may name families that the cluster has not: others write its endpoints.
  const both = policy !== 'SingleStack' && (bare || available.length === 2);
  return [first, ...(both ? second : others)];
}
