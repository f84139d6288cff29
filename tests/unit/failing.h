/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_FAILING_H
#define DG_TEST_FAILING_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/flash.h"

/* Ports that do what other ports do, but for the calls that a test chose: a
 * library that runs out of memory, a flash that does not answer. */
enum failing_how {
    FAILING_ONCE = 0, /* the call does nothing and says so                  */
    FAILING_LASTS,    /* it and all that follow                             */
    FAILING_LATE,     /* a write is done, and said to have failed; of other
                         calls as ONCE                                      */
};

#define FAILING_WAYS 3U

struct failing {
    const struct dg_crypto *true_crypto;
    const struct dg_flash *true_flash;
    struct dg_crypto crypto;
    struct dg_flash flash;
    enum failing_how how;
    uint32_t calls;  /* of both since failing_arm() */
    uint32_t at;     /* which one fails, from 1; 0: none */
    bool was_flash;  /* what failed: any call of the flash, ... */
    bool was_write;  /* ... one that writes, ... */
    bool was_crypto; /* ... one of the crypto */
};

/** Both ports, none of whose calls fail. */
void failing_init(struct failing *failing,
                  const struct dg_crypto *crypto,
                  const struct dg_flash *flash);

/** Let call @p at from now on fail; 0: none, only count. */
void failing_arm(struct failing *failing, uint32_t at, enum failing_how how);

#endif
