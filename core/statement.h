/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_STATEMENT_H
#define DG_CORE_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/cose.h"
#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* What a maker, a prescriber or a verifier signs for the device: a COSE_Sign1
 * with a purpose of its own over a list of fields.  All of them are written,
 * signed, verified and read in one way; which fields is a table. */
enum dg_field_form {
    DG_FIELD_NUMBER = 1, /* unsigned, in 1, 2 or 4 bytes of the structure    */
    DG_FIELD_BYTES = 2,  /* exactly so many                                  */
    DG_FIELD_TEXT = 3,   /* its size in one byte, then room for the text     */
    DG_FIELD_BOUNDS = 4, /* a struct dg_bounds: numbers from 0 on            */
};

struct dg_field {
    uint8_t form;
    uint8_t size; /* of the member; TEXT: of the room      */
    uint16_t at;  /* in the structure                      */
    uint32_t low; /* range of a number, or of a text's size */
    uint32_t high;
};

/* Size and place of a member, as in a row of fields. */
#define DG_FIELD_IN(type, member) \
    sizeof(((struct type *)NULL)->member), offsetof(struct type, member)

/* An array [layout, fields ...], or a map with the layout under 0 and the
 * fields under 1, 2, ... */
struct dg_statement {
    dg_span purpose; /* external data of the signature */
    const struct dg_field *field;
    uint8_t fields;
    uint8_t layout;
    bool is_map;
    uint16_t size;        /* of the structure          */
    uint16_t message_max; /* of the whole, with signature */
};

/* Room for the fields of any statement, encoded. */
#define DG_STATEMENT_PAYLOAD_MAX 224U

/**
 * Sign @p object.
 *
 * @param room  At least what->message_max bytes.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (a field out of its range),
 *         DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_statement_sign(const struct dg_statement *what,
                                              const struct dg_crypto *crypto,
                                              const struct dg_secret *key,
                                              const void *object,
                                              dg_buf room,
                                              dg_span *message);

/**
 * Read the signed bytes; every field is in its range afterwards.
 *
 * @param[out] object  Not to be used unless DG_OK.
 *
 * @retval DG_OK, DG_E_TRUNCATED, DG_E_TRAILING, DG_E_MALFORMED, DG_E_RANGE,
 *         DG_E_UNSUPPORTED (another layout, another key in the map).
 */
DG_NODISCARD enum dg_status dg_statement_read(const struct dg_statement *what,
                                              dg_span payload,
                                              void *object);

/**
 * Verify and read.
 *
 * @retval DG_OK       @p key signed it for this purpose.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_RANGE  No bytes, more than what->message_max, or a field.
 * @retval DG_E_AUTH   The signature does not hold.
 * @retval DG_E_PORT   The crypto port failed.
 * @retval others      As dg_statement_read().
 */
DG_NODISCARD enum dg_status dg_statement_verify(const struct dg_statement *what,
                                                const struct dg_crypto *crypto,
                                                const struct dg_public_key *key,
                                                dg_span message,
                                                void *object);

/** Is @p message there, and not longer than any such statement? */
bool dg_statement_is_size(const struct dg_statement *what, dg_span message);

#endif
