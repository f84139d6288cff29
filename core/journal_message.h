/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_JOURNAL_MESSAGE_H
#define DG_CORE_JOURNAL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/cbor.h"
#include "dosegate/message.h"

/* Request 10 and answer 38: the parts of the two codecs that belong to the
 * journal. */
#define DG_JOURNAL_REQUEST_KEYS 0x3FU /* kind, verb and the four below */
#define DG_JOURNAL_ANSWER_KEYS  4U

bool dg_journal_request_is_sound(const struct dg_request *request);
void dg_journal_request_write(struct dg_cbor_writer *writer,
                              const struct dg_request *request);
void dg_journal_request_read(struct dg_cbor_reader *reader,
                             int64_t key,
                             struct dg_request *request);

bool dg_journal_answer_is_sound(const struct dg_answer *answer);
void dg_journal_answer_write(struct dg_cbor_writer *writer,
                             const struct dg_answer *answer);
void dg_journal_answer_read(struct dg_cbor_reader *reader,
                            int64_t key,
                            struct dg_answer *answer);

#endif
