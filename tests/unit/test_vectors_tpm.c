/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"
#include "cmocka_all.h"
#include "vector_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto_openssl.h"

/* Quotes of a software TPM, good, stale, changed and forged.
 * @verifies{FDP_ATT.5@1} */

#define VALUES_MAX 64U

struct reference {
    struct dg_pcr_bank bank[DG_BANKS_MAX];
    size_t banks;
    dg_buf value[VALUES_MAX];
    size_t values;
};

static enum dg_tpm_hash bank_named(const char *name)
{
    return (strcmp(name, "sha1") == 0)     ? DG_TPM_SHA1
           : (strcmp(name, "sha256") == 0) ? DG_TPM_SHA256
                                           : DG_TPM_SHA384;
}

static void fill(struct reference *reference,
                 const json_t *selection,
                 const json_t *pcrs)
{
    size_t i = 0U;
    size_t j = 0U;
    const json_t *bank = NULL;
    const json_t *pcr = NULL;

    json_array_foreach(selection, i, bank)
    {
        const char *name = vector_text(bank, "bank");
        struct dg_pcr_bank *filled = &reference->bank[i];

        filled->hash = bank_named(name);
        json_array_foreach(json_object_get(bank, "pcrs"), j, pcr)
        {
            const json_int_t number = json_integer_value(pcr);
            char key[8];
            dg_buf *value = &reference->value[reference->values];

            (void)snprintf(key, sizeof(key), "%d", (int)number);
            *value = vector_hex(json_object_get(pcrs, name), key);
            filled->asked |= 1U << (unsigned)number;
            filled->value[number] = (dg_span){value->at, value->capacity};
            reference->values++;
        }
        reference->banks++;
    }
}

static dg_buf part(const char *name, const char *kind)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "tpm/%s.%s", name, kind);
    return vector_bytes(path);
}

/* As TPM2_Quote answers: TPM2B_ATTEST, TPMT_SIGNATURE. */
static dg_buf quote_of(const char *name)
{
    dg_buf message = part(name, "msg");
    dg_buf signature = part(name, "sig");
    dg_buf whole = {malloc(2U + message.capacity + signature.capacity),
                    2U + message.capacity + signature.capacity};

    assert_non_null(whole.at);
    whole.at[0] = (uint8_t)(message.capacity >> 8);
    whole.at[1] = (uint8_t)message.capacity;
    (void)memcpy(&whole.at[2], message.at, message.capacity);
    (void)memcpy(
        &whole.at[2U + message.capacity], signature.at, signature.capacity);
    free(message.at);
    free(signature.at);
    return whole;
}

static void check(const struct dg_crypto *crypto,
                  const json_t *one,
                  const json_t *pcrs)
{
    struct reference reference = {.banks = 0U};
    struct dg_appraisal appraisal;
    const char *name = vector_text(one, "name");
    dg_buf nonce = vector_hex(one, "nonce");
    dg_buf quote = quote_of(name);
    dg_buf key = part(vector_text(one, "key"), "tpm2b_public");

    fill(&reference, json_object_get(one, "pcr_selection"), pcrs);
    const struct dg_appraisal_context context = {
        .crypto = crypto,
        .challenge = {nonce.at, nonce.capacity},
        .tpm = {.key = {key.at, key.capacity},
                .bank = reference.bank,
                .banks = reference.banks}};

    assert_int_equal(dg_appraise(&context,
                                 DG_KIND_TPM_QUOTE,
                                 (dg_span){quote.at, quote.capacity},
                                 &appraisal),
                     DG_OK);
    const bool is_accepted = strcmp(vector_text(one, "expect"), "accept") == 0;

    print_message(
        "%s (%s): %s\n", name, vector_text(one, "reason"), appraisal.reason);
    assert_int_equal(appraisal.result,
                     is_accepted ? DG_APPRAISAL_ACCEPTED
                                 : DG_APPRAISAL_REJECTED);
    if (is_accepted) {
        const json_t *parsed = json_object_get(one, "parsed");

        assert_int_equal(appraisal.fact[DG_FACT_MEASURED].value, DG_CLAIM_YES);
        assert_int_equal(
            appraisal.reset_count,
            json_integer_value(json_object_get(parsed, "reset_count")));
        assert_int_equal(appraisal.note[0] != '\0',
                         json_integer_value(json_object_get(parsed, "safe")) ==
                             0);
        /* Nobody tied the key to a genuine TPM. */
        assert_int_equal(appraisal.fact[DG_FACT_KEY_IN_HARDWARE].value,
                         DG_CLAIM_NOT_STATED);
    }
    for (size_t i = 0; i < reference.values; i++) {
        free(reference.value[i].at);
    }
    free(nonce.at);
    free(quote.at);
    free(key.at);
}

static void test_vectors_tpm__every_case__as_expected(void **state)
{
    struct dg_crypto crypto;
    size_t i = 0U;
    const json_t *one = NULL;

    (void)state;
    if (!vectors_are_there("tpm")) {
        skip();
    }
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    json_t *all = vector_json("tpm/expected.json");
    json_t *pcrs = vector_json("tpm/reference_pcrs.json");

    json_array_foreach(json_object_get(all, "cases"), i, one)
    {
        check(&crypto, one, json_object_get(pcrs, "pcrs"));
    }
    assert_int_equal(i, 29);
    json_decref(all);
    json_decref(pcrs);
    dg_crypto_openssl_free(&crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_tpm__every_case__as_expected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
