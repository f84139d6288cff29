/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_GAUGE_H
#define DG_GAUGE_H

#include <stdint.h>

#include "dosegate/crypto.h"

/* @satisfies{FPT_FIRMWARE.3@1}
 * How long the device took for the last datagram, and how much of that went
 * into the crypto port: what is left is ours.  For tools/firmware-report; with
 * -icount the timer counts instructions. */
struct dg_gauge {
    struct dg_crypto inner;
    struct dg_crypto crypto; /* inner, with its time counted */
    uint32_t began;
    uint32_t link_ticks;
    uint32_t crypto_now;
    uint32_t calls_now;
    uint32_t crypto_ticks;
    uint32_t crypto_calls;
};

/** The port with its time counted; both must outlive its users. */
const struct dg_crypto *dg_gauge_crypto(struct dg_gauge *gauge,
                                        const struct dg_crypto *crypto);

void dg_gauge_begin(struct dg_gauge *gauge);
void dg_gauge_end(struct dg_gauge *gauge);

#endif
