/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_MESSAGE_PARTS_H
#define DG_CORE_MESSAGE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "dosegate/cbor.h"
#include "dosegate/message.h"

/* message_glucagon.c: keys 27 to 29 of the status. */

/** How many of them there are. */
size_t dg_glucagon_status_pairs(const struct dg_glucagon_status *glucagon);

bool dg_glucagon_status_is_in_range(const struct dg_glucagon_status *glucagon);

void dg_glucagon_status_write(struct dg_cbor_writer *writer,
                              const struct dg_glucagon_status *glucagon);

/** Read the value of @p key, 27 to 29. */
void dg_glucagon_status_read(struct dg_cbor_reader *reader,
                             int64_t key,
                             struct dg_glucagon_status *glucagon);

#endif
