// SPDX-License-Identifier: Apache-2.0
// A number as a person types it, in thousandths, or null.  The rules are those of
// domain/decimal.h; the rows of spec/decimal-entry.json hold both.
// The role checks again: this only tells earlier.
export function thousandths(text) {
  const found = /^(0|[1-9][0-9]{0,3})(?:[.,]([0-9]{1,2}))?$/.exec(text);

  if (found === null) {
    return null;
  }
  return Number(found[1]) * 1000 + Number((found[2] ?? "").padEnd(3, "0"));
}
