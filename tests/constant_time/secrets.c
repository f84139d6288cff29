/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bytes.h"
#include "core/edhoc_keys.h"
#include "core/hkdf.h"
#include "core/p256_scalar.h"
#include "dosegate/edhoc.h"
#include "dosegate/knock.h"
#include "dosegate/pairing.h"
#include "dosegate/pairing_digits.h"
#include "dosegate/record.h"
#include "dosegate/rekey.h"
#include "dosegate/sensor.h"
#include "dosegate/spake2plus.h"
#include "port.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

/* Each function of ours that a secret passes through, with the secret marked
 * as undefined memory: Memcheck then names every branch and every index that
 * depends on it (the method of ctgrind).  tools/constant-time builds and runs
 * this; without Memcheck it refuses.
 *
 * What a comparison found is not secret, so __wrap_dg_bytes_equal() uncovers
 * its result, and nothing else.  With DG_PLANT_LEAK it compares as memcmp()
 * would, and Memcheck must complain.  @verifies{FPT_TIME.1@1} */

static struct dg_crypto crypto;

bool __real_dg_bytes_equal(dg_span a, dg_span b);
bool __wrap_dg_bytes_equal(dg_span a, dg_span b);

bool __wrap_dg_bytes_equal(dg_span a, dg_span b)
{
#ifdef DG_PLANT_LEAK
    bool is_equal = a.size == b.size;

    for (size_t i = 0U; is_equal && (i < a.size); i++) {
        is_equal = a.at[i] == b.at[i];
    }
#else
    bool is_equal = __real_dg_bytes_equal(a, b);
#endif
    (void)VALGRIND_MAKE_MEM_DEFINED(&is_equal, sizeof is_equal);
    return is_equal;
}

static void hide(void *at, size_t size)
{
    (void)VALGRIND_MAKE_MEM_UNDEFINED(at, size);
}

static void show(void *at, size_t size)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(at, size);
}

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "constant-time: %s\n", what);
        exit(3);
    }
}

/* The mark got through: a test of nothing would pass as well. */
static void must_be_hidden(const void *at, size_t size, const char *what)
{
    uint8_t bits[512];
    uint8_t all = 0xFFU;

    must(size <= sizeof bits, "a secret of more than 512 bytes");
    must(VALGRIND_GET_VBITS(at, bits, size) == 1U, "no bits to look at");
    for (size_t i = 0U; i < size; i++) {
        all &= bits[i];
    }
    must(all == 0xFFU, what);
}

static struct dg_secret secret_of(uint8_t byte)
{
    struct dg_secret secret;

    memset(&secret, byte, sizeof secret);
    hide(&secret, sizeof secret);
    return secret;
}

static void compare(void)
{
    struct dg_secret a = secret_of(1U);
    struct dg_secret b = secret_of(1U);

    must(dg_bytes_equal(DG_SPAN_OF(a.byte), DG_SPAN_OF(b.byte)), "equal");
    show(&b, sizeof b);
    b.byte[31] ^= 1U;
    hide(&b, sizeof b);
    must(!dg_bytes_equal(DG_SPAN_OF(a.byte), DG_SPAN_OF(b.byte)), "not equal");
    (void)dg_bytes_crc32(DG_SPAN_OF(a.byte));
    dg_bytes_wipe(&a, sizeof a);
}

static void derive(void)
{
    struct dg_secret secret = secret_of(2U);
    struct dg_secret prk;
    uint8_t out[70];
    const dg_span info = {(const uint8_t *)"info", 4U};

    must(dg_hkdf_extract(
             &crypto, (dg_span){NULL, 0U}, DG_SPAN_OF(secret.byte), &prk) ==
             DG_OK,
         "extract");
    must(dg_hkdf_expand(&crypto, &prk, &info, 1U, DG_BUF_OF(out)) == DG_OK,
         "expand");
    must_be_hidden(out, sizeof out, "the mark is lost in HKDF");
}

static void reduce(void)
{
    uint8_t wide[DG_P256_WIDE_SIZE];
    struct dg_secret scalar;

    memset(wide, 0xFE, sizeof wide);
    hide(wide, sizeof wide);
    dg_p256_reduce(wide, &scalar);
    must_be_hidden(&scalar, sizeof scalar, "the mark is lost in the scalar");
}

static void password(void)
{
    const struct dg_device_id device = {{1U}};
    const struct dg_spake2plus_names names = dg_pairing_digits_names(&device);
    const uint8_t salt[16] = {5U};
    uint8_t digits[DG_PAIRING_DIGITS];
    struct dg_spake2plus_secrets secrets;
    struct dg_spake2plus_record record;
    struct dg_spake2plus_attempt attempt;
    struct dg_spake2plus_pending pending;
    uint8_t share_v[DG_SPAKE2PLUS_SHARE_SIZE];
    uint8_t confirm_v[DG_SPAKE2PLUS_CONFIRM_SIZE];
    uint8_t confirm_p[DG_SPAKE2PLUS_CONFIRM_SIZE];
    uint8_t secret[DG_PAIRING_SECRET_SIZE];
    struct dg_secret shared;

    memset(digits, '7', sizeof digits);
    hide(digits, sizeof digits);
    must(dg_spake2plus_stretch(&crypto,
                               DG_SPAN_OF(digits),
                               &names,
                               DG_SPAN_OF(salt),
                               3U,
                               &secrets) == DG_OK,
         "stretch");
    must_be_hidden(&secrets, sizeof secrets, "the mark is lost in w0 and w1");
    must(dg_spake2plus_register(&crypto, &secrets, &record) == DG_OK,
         "register");
    must(dg_spake2plus_start(&crypto, &secrets, &attempt) == DG_OK, "start");
    must(dg_spake2plus_answer(&crypto,
                              &record,
                              &names,
                              DG_SPAN_OF(attempt.share_p),
                              share_v,
                              confirm_v,
                              &pending) == DG_OK,
         "answer");
    /* A wrong confirmation and a right one take the same way. */
    must(dg_spake2plus_finish(&crypto,
                              &secrets,
                              &names,
                              &attempt,
                              DG_SPAN_OF(share_v),
                              DG_SPAN_OF(confirm_v),
                              confirm_p,
                              &shared) == DG_E_AUTH,
         "the port is no group, so nobody can confirm");
    memcpy(confirm_p, pending.confirm_p, sizeof confirm_p);
    must(dg_pairing_digits_secret(&crypto, &pending.shared, secret) == DG_OK,
         "secret");
    must(dg_spake2plus_check(&pending, DG_SPAN_OF(confirm_p)) == DG_OK,
         "check");
    confirm_p[0] ^= 1U;
    must(dg_spake2plus_check(&pending, DG_SPAN_OF(confirm_p)) == DG_E_AUTH,
         "check of another");
}

static void enrol(void)
{
    struct dg_pairing_code code = {.device = {{1U}}};
    struct dg_pairing_request request = {.method = DG_METHOD_STATIC,
                                         .role = DG_ROLE_OWNER,
                                         .name_size = 1U,
                                         .name = "p"};
    struct dg_pairing_answer answer = {.role = DG_ROLE_OWNER};
    uint8_t nonce[DG_PAIRING_NONCE_SIZE] = {9U};
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];
    dg_span datagram = {NULL, 0U};

    memset(code.secret, 3, sizeof code.secret);
    hide(code.secret, sizeof code.secret);
    memset(&request.key, 1, sizeof request.key);
    memset(&request.presence, 2, sizeof request.presence);
    must(dg_pairing_request_seal(
             &crypto, &code, nonce, &request, DG_BUF_OF(room), &datagram) ==
             DG_OK,
         "request");
    must(dg_pairing_request_open(&crypto, &code, datagram, nonce, &request) ==
             DG_OK,
         "request opened");
    must(dg_pairing_answer_seal(
             &crypto, &code, nonce, &answer, DG_BUF_OF(room), &datagram) ==
             DG_OK,
         "answer");
    room[datagram.size - 1U] ^= 1U;
    must(dg_pairing_answer_open(&crypto, &code, nonce, datagram, &answer) ==
             DG_E_AUTH,
         "answer of another");
}

static void knock(void)
{
    const struct dg_secret own = secret_of(4U);
    const struct dg_public_key peer = {{6U}, {7U}};
    const uint8_t message[3] = {1U, 2U, 3U};
    const struct dg_knock knocks = {1U, 5U, DG_SPAN_OF(message)};
    struct dg_secret key;
    uint8_t room[64];
    dg_span datagram = {NULL, 0U};

    must(dg_knock_key(&crypto, &own, &peer, &key) == DG_OK, "knock key");
    must_be_hidden(&key, sizeof key, "the mark is lost in the knock key");
    must(dg_knock_write(&crypto, &key, &knocks, DG_BUF_OF(room), &datagram) ==
             DG_OK,
         "knock");
    show(room, sizeof room);
    must(dg_knock_verify(&crypto, &key, datagram) == DG_OK, "a true knock");
    room[7] ^= 1U;
    must(dg_knock_verify(&crypto, &key, datagram) == DG_E_AUTH, "a false one");
}

static void sensor(void)
{
    const struct dg_secret key = secret_of(5U);
    const struct dg_reading reading = {7U, {1000U}, {120}};
    struct dg_reading read;
    uint8_t room[64];
    dg_span frame = {NULL, 0U};

    must(dg_reading_write(&crypto, &key, &reading, DG_BUF_OF(room), &frame) ==
             DG_OK,
         "reading");
    show(room, sizeof room);
    must(dg_reading_verify(&crypto, &key, frame, &read) == DG_OK, "a true one");
    room[frame.size - 1U] ^= 1U;
    must(dg_reading_verify(&crypto, &key, frame, &read) == DG_E_AUTH,
         "a false one");
}

static struct dg_record record_of(uint8_t tx, uint8_t rx)
{
    struct dg_record record;

    memset(&record, 0, sizeof record);
    record.epoch = 4U;
    memset(&record.tx, tx, sizeof record.tx);
    memset(&record.rx, rx, sizeof record.rx);
    hide(&record.tx, sizeof record.tx);
    hide(&record.rx, sizeof record.rx);
    return record;
}

static void records(void)
{
    struct dg_record phone = record_of(1U, 2U);
    struct dg_record device = record_of(2U, 1U);
    const uint8_t message[5] = {1U, 2U, 3U, 4U, 5U};
    uint8_t sealed[DG_RECORD_MAX];
    uint8_t opened[DG_RECORD_MAX];
    dg_span datagram = {NULL, 0U};
    dg_span plain = {NULL, 0U};

    must(dg_record_seal(&phone,
                        &crypto,
                        DG_SPAN_OF(message),
                        DG_BUF_OF(sealed),
                        &datagram) == DG_OK,
         "seal");
    sealed[datagram.size - 1U] ^= 1U;
    must(
        dg_record_open(&device, &crypto, datagram, DG_BUF_OF(opened), &plain) ==
            DG_E_AUTH,
        "a forged record");
    sealed[datagram.size - 1U] ^= 1U;
    must(dg_record_open(
             &device, &crypto, datagram, DG_BUF_OF(opened), &plain) == DG_OK,
         "a true record");
    dg_record_wipe(&phone);
}

static void fresh_keys(void)
{
    const struct dg_secret root = secret_of(8U);
    struct dg_rekey phone;
    struct dg_rekey device;
    struct dg_record at_phone = record_of(1U, 2U);
    struct dg_record at_device = record_of(2U, 1U);
    uint8_t nonce[DG_REKEY_NONCE_SIZE];

    dg_rekey_begin(&phone, &root);
    dg_rekey_begin(&device, &root);
    must(dg_rekey_ask(&phone, &crypto) == DG_OK, "ask");
    must(dg_rekey_offer(&device, &crypto, &at_device, phone.nonce, nonce) ==
             DG_OK,
         "offer");
    must(dg_rekey_take(&phone, &crypto, &at_phone, phone.nonce, nonce) == DG_OK,
         "take");
    must_be_hidden(&at_phone.tx, sizeof at_phone.tx, "the mark of fresh keys");
    dg_rekey_commit(&device, &at_device);
}

static void handshake_keys(void)
{
    const struct dg_secret own = secret_of(9U);
    const uint8_t peer[DG_P256_SIZE] = {1U};
    const struct dg_hash th = {{2U}};
    const uint8_t cred[4] = {3U};
    const struct dg_edhoc_context context = {
        {NULL, 0U}, DG_SPAN_OF(cred), DG_SPAN_OF(cred), {NULL, 0U}};
    struct dg_secret prk;
    struct dg_secret out;
    struct dg_secret exporter;
    uint8_t mac[16];
    uint8_t text[40] = {0U};
    uint8_t room[64];
    uint8_t back[64];
    dg_span message = {NULL, 0U};
    dg_span plain = {NULL, 0U};

    must(dg_edhoc_prk_2e(&crypto, &th, &own, peer, &prk) == DG_OK, "PRK_2e");
    must(dg_edhoc_xor_2(&crypto, &prk, &th, DG_BUF_OF(text)) == DG_OK,
         "keystream");
    must(dg_edhoc_prk_mix(
             &crypto, DG_EDHOC_KDF_SALT_3E2M, &th, &own, peer, &prk) == DG_OK,
         "PRK_3e2m");
    must(
        dg_edhoc_mac(
            &crypto, &prk, DG_EDHOC_KDF_MAC_2, &th, &context, DG_BUF_OF(mac)) ==
            DG_OK,
        "MAC_2");

    const struct dg_edhoc_aead aead = {&prk, &th, DG_EDHOC_KDF_K_3, 16U};

    must(dg_edhoc_seal(
             &crypto, &aead, DG_SPAN_OF(cred), DG_BUF_OF(room), &message) ==
             DG_OK,
         "message_3");
    must(dg_edhoc_open(&crypto, &aead, message, DG_BUF_OF(back), &plain) ==
             DG_OK,
         "message_3 opened");
    must(dg_edhoc_finish(&crypto, &prk, &th, &out, &exporter) == DG_OK,
         "exporter");
    must_be_hidden(&exporter, sizeof exporter, "the mark of the exporter");
    must(dg_edhoc_key_update(&crypto, &out, DG_SPAN_OF(cred), &exporter) ==
             DG_OK,
         "key update");
}

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"compare", compare},
                 {"HKDF", derive},
                 {"scalar", reduce},
                 {"SPAKE2+", password},
                 {"pairing", enrol},
                 {"knock", knock},
                 {"reading", sensor},
                 {"record", records},
                 {"fresh keys", fresh_keys},
                 {"key schedule", handshake_keys}};
    unsigned bad = 0U;

    if (RUNNING_ON_VALGRIND == 0U) {
        fprintf(stderr, "constant-time: run by valgrind only\n");
        return 2;
    }
    ct_port(&crypto);
    for (size_t i = 0U; i < (sizeof cases / sizeof cases[0]); i++) {
        const unsigned before = (unsigned)VALGRIND_COUNT_ERRORS;

        cases[i].run();
        if ((unsigned)VALGRIND_COUNT_ERRORS != before) {
            printf("%s: a branch or an index depends on a secret\n",
                   cases[i].name);
            bad++;
        }
    }
    return (bad == 0U) ? 0 : 9;
}
