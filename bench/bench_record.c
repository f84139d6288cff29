/* SPDX-License-Identifier: Apache-2.0 */
/* How many records a second are sealed and opened, and how much that is above
 * AES-CCM alone over the same bytes. */
#include <stdio.h>
#include <string.h>

#include "bench/measure.h"
#include "bench/raw.h"
#include "dosegate/record.h"
#include "ports/host/crypto_openssl.h"

#define ROUNDS     5000U
#define PLAIN_SIZE 120U /* a status answer, about */

struct scene {
    struct dg_crypto crypto;
    struct dg_raw raw;
    struct dg_record from;
    struct dg_record to;
};

static void make_session(struct scene *scene)
{
    struct dg_aead_key key;

    memset(&scene->from, 0, sizeof scene->from);
    memset(&scene->to, 0, sizeof scene->to);
    memset(&key, 7, sizeof key);
    scene->from.epoch = 4U;
    scene->to.epoch = 4U;
    scene->from.tx = key;
    scene->to.rx = key;
}

static void seal_and_open(void *context)
{
    struct scene *scene = context;
    static const uint8_t message[PLAIN_SIZE] = {9};
    uint8_t sealed[DG_RECORD_MAX];
    uint8_t opened[DG_RECORD_MAX];
    dg_span datagram = {NULL, 0U};
    dg_span plain = {NULL, 0U};

    /* Counters end; a new session costs nothing here. */
    if (scene->from.tx_next == DG_RECORD_COUNTER_MAX) {
        make_session(scene);
    }
    dg_bench_expect(dg_record_seal(&scene->from,
                                   &scene->crypto,
                                   DG_SPAN_OF(message),
                                   DG_BUF_OF(sealed),
                                   &datagram),
                    "seal");
    dg_bench_expect(
        dg_record_open(
            &scene->to, &scene->crypto, datagram, DG_BUF_OF(opened), &plain),
        "open");
    if (plain.size != sizeof message) {
        dg_bench_expect(DG_E_AUTH, "another message came out");
    }
}

static void raw_operations(void *context)
{
    const struct scene *scene = context;

    dg_raw_ccm(&scene->raw, DG_RECORD_BUCKET);
}

int main(void)
{
    static struct scene scene;
    const dg_bench_work works[] = {seal_and_open, raw_operations};
    double ns[2];

    dg_bench_expect(dg_crypto_openssl_init(&scene.crypto), "crypto port");
    dg_raw_init(&scene.raw);
    make_session(&scene);
    dg_bench_compare(works, &scene, 2U, ROUNDS, ns);
    (void)printf("records (%u bytes, padded to %u)\n",
                 PLAIN_SIZE,
                 (unsigned)DG_RECORD_BUCKET);
    dg_bench_tell("records sealed and opened", 1e9 / ns[0], "/s", "");
    dg_bench_tell("one record", ns[0] / 1e3, "us", "");
    dg_bench_tell("AES-128-CCM seal and open, OpenSSL", ns[1] / 1e3, "us", "");
    dg_bench_tell("ratio to OpenSSL", ns[0] / ns[1], "", "");
    dg_raw_free(&scene.raw);
    dg_crypto_openssl_free(&scene.crypto);
    return 0;
}
