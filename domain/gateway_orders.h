/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_GATEWAY_ORDERS_H
#define DG_GATEWAY_ORDERS_H

#include <jansson.h>

#include "gateway_json.h"

/* The part of the JSON that is about doses and settings (gateway_doses.c),
 * phones, lease and firmware (gateway_orders.c). */

/** Each reads one object whose keys are known to be allowed.
 * @retval DG_OK, DG_E_MALFORMED (see @p why). */
DG_NODISCARD enum dg_status dg_gateway_read_dose(const json_t *object,
                                                 enum dg_gateway_op op,
                                                 struct dg_internal *message,
                                                 char why[DG_GATEWAY_WHY_MAX]);

DG_NODISCARD enum dg_status dg_gateway_read_revoke(
    const json_t *object,
    struct dg_internal *message,
    char why[DG_GATEWAY_WHY_MAX]);
DG_NODISCARD enum dg_status dg_gateway_read_lease(const json_t *object,
                                                  struct dg_internal *message,
                                                  char why[DG_GATEWAY_WHY_MAX]);
DG_NODISCARD enum dg_status dg_gateway_read_suspend(
    const json_t *object,
    struct dg_internal *message,
    char why[DG_GATEWAY_WHY_MAX]);
DG_NODISCARD enum dg_status dg_gateway_read_update(
    const json_t *object,
    struct dg_internal *message,
    char why[DG_GATEWAY_WHY_MAX]);

/** What the device said, as JSON; the caller owns it. */
json_t *dg_gateway_phones(const struct dg_phones_note *note);
json_t *dg_gateway_progress(const struct dg_progress_note *note);

#endif
