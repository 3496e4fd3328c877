/** clusterIPs, ipFamilies and ipFamilyPolicy of one Service (pkg/apis/core/validation: ValidateServiceClusterIPsRelatedFields). */
import { familyOf, printIp } from '../../net/address.ts';
import { duplicate, forbidden, invalid } from '../field-error.ts';
import type { FieldReader } from '../field-reader.ts';
import type { ServiceDraft } from './read-service.ts';

/** Rules that need nothing of the cluster. Whether it has the families is asked where they are given out. */
export function validateServiceFamilies(spec: FieldReader, { service, families }: ServiceDraft): void {
  if (service.type === 'ExternalName') {
    for (const field of ['ipFamilies', 'ipFamilyPolicy']) {
      if (!spec.has(field)) continue;
      spec.error('wrong-value', forbidden('may not be set for ExternalName services'), [field], { what: 'key' });
    }
    return;
  }
  for (const [index, family] of families.entries()) {
    if (families.indexOf(family) === index) continue;
    spec.error('duplicate', duplicate(`IPv${family}`), ['ipFamilies', index]);
  }
  const { clusterIps } = service;
  const refuse = (words: string): void =>
    spec.error('wrong-value', invalid(clusterIps.map(printIp), words), ['clusterIPs'], { what: 'key' });
  if (clusterIps.length > 2) refuse('may only hold up to 2 values');
  if (clusterIps.length > 1 && new Set(clusterIps.map(familyOf)).size < 2) {
    refuse('may specify no more than one IP for each IP family');
  }
  for (const [index, ip] of clusterIps.entries()) {
    const wanted = families[index];
    if (wanted === undefined || familyOf(ip) === wanted) continue;
    const message = invalid(printIp(ip), `expected an IPv${wanted} value as indicated by \`ipFamilies[${index}]\``);
    const at = spec.has('clusterIPs') ? ['clusterIPs', index] : ['clusterIP'];
    spec.error('wrong-value', message, ['clusterIPs', index], { at });
  }
}
