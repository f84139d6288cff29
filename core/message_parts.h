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

/* message_profile.c: request and answer `profile`. */

#define DG_PROFILE_REQUEST_KEYS     0xFU
#define DG_PROFILE_REQUEST_OPTIONAL 0xCU
#define DG_PROFILE_ANSWER_KEYS      5U

void dg_profile_request_write(struct dg_cbor_writer *writer,
                              const struct dg_request *request);

/** Read the value of @p key, 1 to 3. */
void dg_profile_request_read(struct dg_cbor_reader *reader,
                             int64_t key,
                             struct dg_request *request);

/** Each verb with its own fields and no other. */
bool dg_profile_request_is_sound(const struct dg_request *request);

void dg_profile_answer_write(struct dg_cbor_writer *writer,
                             const struct dg_answer *answer);

/** Read the value of @p key, 2 to 6. */
void dg_profile_answer_read(struct dg_cbor_reader *reader,
                            int64_t key,
                            struct dg_answer *answer);

bool dg_profile_answer_is_sound(const struct dg_answer *answer);

/* message_roles.c: answer `roles`. */

bool dg_roles_are_sound(const struct dg_answer *answer);
void dg_roles_write(struct dg_cbor_writer *writer,
                    const struct dg_answer *answer);
void dg_roles_read(struct dg_cbor_reader *reader, struct dg_answer *answer);

#endif
