/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/policy.h"

#include "statement.h"

#define IN(member) DG_FIELD_IN(dg_policy, member)

static const uint8_t purpose[] = "dosegate policy 1";

static const struct dg_field fields[] = {
    {DG_FIELD_NUMBER, IN(version), 1U, DG_SIGNED_COUNTER_MAX},
    {DG_FIELD_NUMBER, IN(life_s), DG_POLICY_LIFE_S_MIN, DG_POLICY_LIFE_S_MAX},
    {DG_FIELD_NUMBER, IN(epoch), 1U, DG_SIGNED_COUNTER_MAX},
    {DG_FIELD_BYTES, IN(verifier.x), 0U, 0U},
    {DG_FIELD_BYTES, IN(verifier.y), 0U, 0U},
};

static const struct dg_statement head = {
    .purpose = {purpose, sizeof purpose - 1U},
    .field = fields,
    .fields = sizeof fields / sizeof fields[0],
    .layout = 1U,
    .size = sizeof(struct dg_policy),
    .message_max = DG_POLICY_MAX};

enum dg_status dg_policy_sign(const struct dg_crypto *crypto,
                              const struct dg_secret *private_key,
                              const struct dg_policy *policy,
                              dg_buf room,
                              dg_span *message)
{
    return dg_statement_sign(&head, crypto, private_key, policy, room, message);
}

/* @satisfies{FDP_ATT.4@1} */
enum dg_status dg_policy_verify(const struct dg_crypto *crypto,
                                const struct dg_public_key *key,
                                dg_span message,
                                struct dg_policy *policy)
{
    struct dg_policy draft;

    if (policy == NULL) {
        return DG_E_USAGE;
    }

    const enum dg_status status =
        dg_statement_verify(&head, crypto, key, message, &draft);

    if (status == DG_OK) {
        *policy = draft;
    }
    return status;
}
