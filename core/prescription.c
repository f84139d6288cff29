/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/prescription.h"

#include "statement.h"

#define IN(member) DG_FIELD_IN(dg_prescription, member)

static const uint8_t purpose[] = "dosegate profile 1";

/* What is too much is the device's to say; here a number is a number. */
static const struct dg_field fields[] = {
    {DG_FIELD_BYTES, IN(device.byte), 0U, 0U},
    {DG_FIELD_NUMBER, IN(counter), 1U, DG_SIGNED_COUNTER_MAX},
    {DG_FIELD_NUMBER, IN(age_class), DG_AGE_CHILD, DG_AGE_ADULT},
    {DG_FIELD_BOUNDS, IN(bounds), 0U, 0U},
};

static const struct dg_statement profile = {
    .purpose = {purpose, sizeof purpose - 1U},
    .field = fields,
    .fields = sizeof fields / sizeof fields[0],
    .layout = 1U,
    .size = sizeof(struct dg_prescription),
    .message_max = DG_PRESCRIPTION_MAX};

enum dg_status dg_prescription_sign(const struct dg_crypto *crypto,
                                    const struct dg_secret *private_key,
                                    const struct dg_prescription *prescription,
                                    dg_buf room,
                                    dg_span *message)
{
    return dg_statement_sign(
        &profile, crypto, private_key, prescription, room, message);
}

enum dg_status dg_prescription_read(dg_span message,
                                    struct dg_prescription *prescription)
{
    struct dg_prescription draft;
    struct dg_cose_sign1 parts;

    if (prescription == NULL) {
        return DG_E_USAGE;
    }
    if (!dg_statement_is_size(&profile, message)) {
        return DG_E_RANGE;
    }

    enum dg_status status = dg_cose_sign1_parse(message, &parts);

    if (status == DG_OK) {
        status = dg_statement_read(&profile, parts.payload, &draft);
    }
    if (status == DG_OK) {
        *prescription = draft;
    }
    return status;
}

/* @satisfies{FMT_LIM.2@1} */
enum dg_status dg_prescription_verify(const struct dg_crypto *crypto,
                                      const struct dg_public_key *key,
                                      dg_span message,
                                      struct dg_prescription *prescription)
{
    struct dg_prescription draft;

    if (prescription == NULL) {
        return DG_E_USAGE;
    }

    const enum dg_status status =
        dg_statement_verify(&profile, crypto, key, message, &draft);

    if (status == DG_OK) {
        *prescription = draft;
    }
    return status;
}
