/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PROVISION_H
#define DG_PROVISION_H

#include "dosegate/crypto.h"
#include "dosegate/flash.h"
#include "dosegate/limits.h"
#include "dosegate/settings.h"
#include "dosegate/status.h"

/* Manufacture and prescription of one virtual pump. */

/* What of glucagon is prescribed. */
enum dg_provision_glucagon {
    DG_PROVISION_NO_GLUCAGON = 0,
    DG_PROVISION_ASKED = 1,  /* micro-doses, and rescue by the button    */
    DG_PROVISION_RESCUE = 2, /* and rescue by the device itself          */
};

/**
 * The therapy of one of the published virtual people.
 *
 * @retval DG_OK             @p therapy is filled.
 * @retval DG_E_UNSUPPORTED  Nobody has this name.
 */
DG_NODISCARD enum dg_status dg_provision_therapy(
    const char *person,
    enum dg_package package,
    enum dg_provision_glucagon glucagon,
    struct dg_therapy *therapy);

/** Whether it prescribes glucagon, so that the pump has a chamber. */
bool dg_provision_has_chamber(const struct dg_therapy *therapy);

/** Names that dg_provision_therapy() knows, for messages. */
extern const char dg_provision_people[];

/**
 * Make keys and write a new flash.
 *
 * @param moved          Pulses of insulin since manufacture.
 * @param chamber_moved  Steps of glucagon since manufacture.
 *
 * @retval DG_OK, DG_E_RANGE (therapy), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_provision_flash(const struct dg_flash *flash,
                                               const struct dg_crypto *crypto,
                                               const struct dg_therapy *therapy,
                                               dg_seconds now,
                                               uint32_t moved,
                                               uint32_t chamber_moved);

#endif
