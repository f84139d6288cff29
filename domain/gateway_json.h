/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_GATEWAY_JSON_H
#define DG_GATEWAY_JSON_H

#include <stddef.h>

#include "dosegate/status.h"
#include "internal.h"

/* JSON lines for the app: hostile text in, one fixed-size message out. */
#define DG_GATEWAY_WHY_MAX  224U
#define DG_GATEWAY_TEXT_MAX 3072U

enum dg_gateway_op {
    DG_GATEWAY_NONE = 0,
    DG_GATEWAY_STATUS = 1,
    DG_GATEWAY_BOLUS = 2,
    DG_GATEWAY_STOP = 3,
    DG_GATEWAY_PAIR = 4,
    DG_GATEWAY_WATCH = 5,
    DG_GATEWAY_ATTEST = 6,
    DG_GATEWAY_PHONES = 7,
    DG_GATEWAY_REVOKE = 8,
    DG_GATEWAY_LEASE = 9,
    DG_GATEWAY_UPDATE = 10,
    DG_GATEWAY_JOURNAL = 11,
    DG_GATEWAY_TEMPORARY = 12,
    DG_GATEWAY_PRIME = 13,
    DG_GATEWAY_REFILL = 14,
    DG_GATEWAY_SENSOR = 15,
    DG_GATEWAY_BASAL = 16,
    DG_GATEWAY_SUSPEND = 17,
    DG_GATEWAY_RESUME = 18,
    DG_GATEWAY_LIMITS = 19,
    DG_GATEWAY_GLUCAGON = 20,
};

#define DG_GATEWAY_OPS 21U

/**
 * Read one line.
 *
 * @param[out] op       What was asked.
 * @param[out] message  For therapy, without its tag; not for WATCH.
 * @param[out] why      What was wrong and what to do.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_MALFORMED  Refused; see @p why.
 */
DG_NODISCARD enum dg_status dg_gateway_read(const char *line,
                                            enum dg_gateway_op *op,
                                            struct dg_internal *message,
                                            char why[DG_GATEWAY_WHY_MAX]);

/** Write a reply, an event or a refusal as one line with its newline. */
void dg_gateway_write_reply(enum dg_gateway_op op,
                            const struct dg_reply *reply,
                            char text[DG_GATEWAY_TEXT_MAX]);
void dg_gateway_write_phones(const struct dg_phones_note *note,
                             char text[DG_GATEWAY_TEXT_MAX]);
void dg_gateway_write_progress(const struct dg_progress_note *note,
                               char text[DG_GATEWAY_TEXT_MAX]);
void dg_gateway_write_nonce(const struct dg_nonce_note *note,
                            char text[DG_GATEWAY_TEXT_MAX]);
void dg_gateway_write_journal(const struct dg_journal_reply *reply,
                              char text[DG_GATEWAY_TEXT_MAX]);
void dg_gateway_write_limits(const struct dg_limits_note *note,
                             char text[DG_GATEWAY_TEXT_MAX]);
void dg_gateway_write_event(const struct dg_event_note *event,
                            char text[DG_GATEWAY_TEXT_MAX]);
void dg_gateway_write_error(const char *why, char text[DG_GATEWAY_TEXT_MAX]);

#endif
