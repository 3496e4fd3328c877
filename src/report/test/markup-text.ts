/** Text in XML and HTML, whatever it holds. */

/** XML 1.0 allows no control characters but tab and line break, not even escaped, and no lone surrogates. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(/[\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);
}
