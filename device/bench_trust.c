/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_call.h"
#include "bench_hex.h"

#include "authorities.h"
#include "dosegate/policy.h"

#include <string.h>

static json_t *failure(const char *what)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", what);
}

static json_t *signed_answer(const char *key, dg_span bytes)
{
    json_t *answer = json_pack("{s:b}", "ok", 1);

    dg_bench_set_hex(answer, key, bytes);
    return answer;
}

json_t *dg_bench_attest(const struct bench_call *call)
{
    struct dg_attest_nonce nonce;
    struct dg_public_key key;
    struct dg_public_key presence;
    struct dg_device_id device;
    uint8_t room[DG_ATTEST_TICKET_MAX];
    dg_span ticket = {NULL, 0U};

    if (!dg_bench_get_hex(call->request, "nonce", DG_BUF_OF(nonce.byte)) ||
        !dg_bench_get_key(call->request, "key", &key) ||
        !dg_bench_get_key(call->request, "presence", &presence)) {
        return failure("attest needs \"nonce\" (16 bytes), \"key\" and "
                       "\"presence\" (64 bytes), as lower-case hex");
    }
    memcpy(device.byte, call->view.device, sizeof device.byte);
    if (dg_authority_ticket(call->crypto,
                            call->view.authority_seed,
                            &device,
                            &nonce,
                            &key,
                            &presence,
                            DG_BUF_OF(room),
                            &ticket) != DG_OK) {
        return failure("no ticket could be signed");
    }
    return signed_answer("ticket", ticket);
}

static bool get_number(const struct bench_call *call,
                       const char *key,
                       uint32_t *number)
{
    const json_t *value = json_object_get(call->request, key);
    const json_int_t asked = json_integer_value(value);

    if (!json_is_integer(value) || (asked < 1) ||
        (asked > (json_int_t)UINT32_MAX)) {
        return false;
    }
    *number = (uint32_t)asked;
    return true;
}

json_t *dg_bench_policy(const struct bench_call *call)
{
    struct dg_policy policy;
    struct dg_secret maker;
    uint8_t room[DG_POLICY_MAX];
    dg_span head = {NULL, 0U};

    if (!get_number(call, "version", &policy.version) ||
        !get_number(call, "epoch", &policy.epoch) ||
        !get_number(call, "life_s", &policy.life_s) ||
        !dg_bench_get_key(call->request, "verifier", &policy.verifier)) {
        return failure("policy needs \"version\", \"epoch\", \"life_s\" and "
                       "\"verifier\" (64 bytes as lower-case hex)");
    }
    if ((dg_authority_secret(
             call->crypto, DG_OF_MAKER, call->view.authority_seed, &maker) !=
         DG_OK) ||
        (dg_policy_sign(
             call->crypto, &maker, &policy, DG_BUF_OF(room), &head) != DG_OK)) {
        return failure("no head could be signed: is life_s 86400 to 31622400?");
    }
    return signed_answer("head", head);
}

/* Simulation: whoever prescribes for a virtual pump signs with this key. */
json_t *dg_bench_prescriber(const struct bench_call *call)
{
    struct dg_secret secret;

    if (dg_authority_secret(call->crypto,
                            DG_OF_PRESCRIBER,
                            call->view.authority_seed,
                            &secret) != DG_OK) {
        return failure("no key could be made");
    }

    json_t *answer = json_pack("{s:b}", "ok", 1);

    dg_bench_set_hex(answer, "key", DG_SPAN_OF(secret.byte));
    dg_bench_set_hex(answer, "device", DG_SPAN_OF(call->view.device));
    explicit_bzero(&secret, sizeof(secret));
    return answer;
}
