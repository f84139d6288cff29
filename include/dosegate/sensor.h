/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_SENSOR_H
#define DG_SENSOR_H

#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/quantity.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* One glucose reading, authenticated by the sensor for the device; the phone
 * only relays it.  On the wire: deterministic CBOR [1, sequence, sensor time,
 * mg/dL] followed by the first 16 bytes of HMAC-SHA-256 over it. */
struct dg_reading {
    uint32_t sequence; /* strictly rising                         */
    dg_seconds at;     /* sensor's clock, seconds since enrolment */
    dg_glucose value;  /* 39 .. 401: 39 is "low", 401 is "high"   */
};

#define DG_READING_MAC_SIZE 16U

/** Write a frame (the sensor's side).
 * @retval DG_OK, DG_E_USAGE, DG_E_RANGE, DG_E_NO_SPACE, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_reading_write(const struct dg_crypto *crypto,
                                             const struct dg_secret *key,
                                             const struct dg_reading *reading,
                                             dg_buf room,
                                             dg_span *frame);

/** Parse a frame without believing it (what the phone can do).
 * @retval DG_OK, DG_E_USAGE, DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED,
 *         DG_E_RANGE, DG_E_UNSUPPORTED. */
DG_NODISCARD enum dg_status dg_reading_parse(dg_span frame,
                                             struct dg_reading *reading);

/** Parse and check the MAC (the device's side).
 * @retval DG_E_AUTH  The MAC does not hold; others as above, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_reading_verify(const struct dg_crypto *crypto,
                                              const struct dg_secret *key,
                                              dg_span frame,
                                              struct dg_reading *reading);

#endif
