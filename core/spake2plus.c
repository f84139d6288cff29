/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/spake2plus.h"

#include <string.h>

#include "bytes.h"
#include "hkdf.h"

#define FORM_UNCOMPRESSED 0x04U
#define TT_ITEMS          10U

/* M and N for P-256 (RFC 9383, section 4).  Taking off w0 * M is adding
 * w0 * (-M), so the mirrored points stand here too: y' = p - y. */
static const struct dg_public_key point_m = {
    {0x88, 0x6e, 0x2f, 0x97, 0xac, 0xe4, 0x6e, 0x55, 0xba, 0x9d, 0xd7,
     0x24, 0x25, 0x79, 0xf2, 0x99, 0x3b, 0x64, 0xe1, 0x6e, 0xf3, 0xdc,
     0xab, 0x95, 0xaf, 0xd4, 0x97, 0x33, 0x3d, 0x8f, 0xa1, 0x2f},
    {0x5f, 0xf3, 0x55, 0x16, 0x3e, 0x43, 0xce, 0x22, 0x4e, 0x0b, 0x0e,
     0x65, 0xff, 0x02, 0xac, 0x8e, 0x5c, 0x7b, 0xe0, 0x94, 0x19, 0xc7,
     0x85, 0xe0, 0xca, 0x54, 0x7d, 0x55, 0xa1, 0x2e, 0x2d, 0x20}};
static const struct dg_public_key minus_m = {
    {0x88, 0x6e, 0x2f, 0x97, 0xac, 0xe4, 0x6e, 0x55, 0xba, 0x9d, 0xd7,
     0x24, 0x25, 0x79, 0xf2, 0x99, 0x3b, 0x64, 0xe1, 0x6e, 0xf3, 0xdc,
     0xab, 0x95, 0xaf, 0xd4, 0x97, 0x33, 0x3d, 0x8f, 0xa1, 0x2f},
    {0xa0, 0x0c, 0xaa, 0xe8, 0xc1, 0xbc, 0x31, 0xde, 0xb1, 0xf4, 0xf1,
     0x9a, 0x00, 0xfd, 0x53, 0x71, 0xa3, 0x84, 0x1f, 0x6c, 0xe6, 0x38,
     0x7a, 0x1f, 0x35, 0xab, 0x82, 0xaa, 0x5e, 0xd1, 0xd2, 0xdf}};
static const struct dg_public_key point_n = {
    {0xd8, 0xbb, 0xd6, 0xc6, 0x39, 0xc6, 0x29, 0x37, 0xb0, 0x4d, 0x99,
     0x7f, 0x38, 0xc3, 0x77, 0x07, 0x19, 0xc6, 0x29, 0xd7, 0x01, 0x4d,
     0x49, 0xa2, 0x4b, 0x4f, 0x98, 0xba, 0xa1, 0x29, 0x2b, 0x49},
    {0x07, 0xd6, 0x0a, 0xa6, 0xbf, 0xad, 0xe4, 0x50, 0x08, 0xa6, 0x36,
     0x33, 0x7f, 0x51, 0x68, 0xc6, 0x4d, 0x9b, 0xd3, 0x60, 0x34, 0x80,
     0x8c, 0xd5, 0x64, 0x49, 0x0b, 0x1e, 0x65, 0x6e, 0xdb, 0xe7}};
static const struct dg_public_key minus_n = {
    {0xd8, 0xbb, 0xd6, 0xc6, 0x39, 0xc6, 0x29, 0x37, 0xb0, 0x4d, 0x99,
     0x7f, 0x38, 0xc3, 0x77, 0x07, 0x19, 0xc6, 0x29, 0xd7, 0x01, 0x4d,
     0x49, 0xa2, 0x4b, 0x4f, 0x98, 0xba, 0xa1, 0x29, 0x2b, 0x49},
    {0xf8, 0x29, 0xf5, 0x58, 0x40, 0x52, 0x1b, 0xb0, 0xf7, 0x59, 0xc9,
     0xcc, 0x80, 0xae, 0x97, 0x39, 0xb2, 0x64, 0x2c, 0xa0, 0xcb, 0x7f,
     0x73, 0x2a, 0x9b, 0xb6, 0xf4, 0xe1, 0x9a, 0x91, 0x24, 0x18}};

struct share {
    uint8_t byte[DG_SPAKE2PLUS_SHARE_SIZE];
};

/* What the transcript makes. */
struct keys {
    struct dg_hash confirm_p; /* the messages themselves, not their keys */
    struct dg_hash confirm_v;
    struct dg_secret shared;
};

/* Everything that the transcript is over, beside the names. */
struct transcript {
    const struct dg_spake2plus_names *names;
    struct share share_p;
    struct share share_v;
    struct dg_public_key z;
    struct dg_public_key v;
    const struct dg_secret *w0;
};

static struct share share_of(const struct dg_public_key *point)
{
    struct share share;

    share.byte[0] = FORM_UNCOMPRESSED;
    memcpy(&share.byte[1], point->x, DG_P256_SIZE);
    memcpy(&share.byte[1U + DG_P256_SIZE], point->y, DG_P256_SIZE);
    return share;
}

/* Form and size only: the first operation with it checks the curve. */
static enum dg_status read_share(dg_span bytes, struct dg_public_key *point)
{
    if ((bytes.at == NULL) || (bytes.size != DG_SPAKE2PLUS_SHARE_SIZE) ||
        (bytes.at[0] != FORM_UNCOMPRESSED)) {
        return DG_E_RANGE;
    }
    memcpy(point->x, &bytes.at[1], DG_P256_SIZE);
    memcpy(point->y, &bytes.at[1U + DG_P256_SIZE], DG_P256_SIZE);
    return DG_OK;
}

/* sum = @point + w0 * @mask.  DG_E_RANGE: off the curve, or the identity. */
static enum dg_status add_masked(const struct dg_crypto *crypto,
                                 const struct dg_secret *w0,
                                 const struct dg_public_key *mask,
                                 const struct dg_public_key *point,
                                 struct dg_public_key *sum)
{
    struct dg_public_key masked;
    enum dg_status status =
        crypto->p256_multiply(crypto->context, w0, mask, &masked);

    if (status == DG_OK) {
        status = crypto->p256_add(crypto->context, point, &masked, sum);
    }
    dg_bytes_wipe(&masked, sizeof masked);
    return status;
}

/* key * G + w0 * mask with a fresh key. */
static enum dg_status make_share(const struct dg_crypto *crypto,
                                 const struct dg_secret *w0,
                                 const struct dg_public_key *mask,
                                 struct dg_secret *key,
                                 struct share *share)
{
    struct dg_public_key point;
    enum dg_status status = crypto->p256_generate(crypto->context, key, &point);

    if (status == DG_OK) {
        status = add_masked(crypto, w0, mask, &point, &point);
    }
    if (status == DG_OK) {
        *share = share_of(&point);
    }
    dg_bytes_wipe(&point, sizeof point);
    return status;
}

/* An item of TT and its length, 8 bytes, little endian. */
static void put_item(dg_span parts[2], uint8_t length[8], dg_span item)
{
    memset(length, 0, 8U);
    length[0] = (uint8_t)item.size;
    length[1] = (uint8_t)(item.size >> 8);
    parts[0] = (dg_span){length, 8U};
    parts[1] = item;
}

/* K_main = Hash(TT). */
static enum dg_status hash_transcript(const struct dg_crypto *crypto,
                                      const struct transcript *transcript,
                                      struct dg_hash *main_key)
{
    const struct share m = share_of(&point_m);
    const struct share n = share_of(&point_n);
    struct share z = share_of(&transcript->z);
    struct share v = share_of(&transcript->v);
    const dg_span item[TT_ITEMS] = {transcript->names->context,
                                    transcript->names->prover,
                                    transcript->names->verifier,
                                    DG_SPAN_OF(m.byte),
                                    DG_SPAN_OF(n.byte),
                                    DG_SPAN_OF(transcript->share_p.byte),
                                    DG_SPAN_OF(transcript->share_v.byte),
                                    DG_SPAN_OF(z.byte),
                                    DG_SPAN_OF(v.byte),
                                    DG_SPAN_OF(transcript->w0->byte)};
    dg_span parts[2U * TT_ITEMS];
    uint8_t length[TT_ITEMS][8];

    for (size_t i = 0U; i < TT_ITEMS; i++) {
        put_item(&parts[2U * i], length[i], item[i]);
    }

    const enum dg_status status =
        crypto->sha256(crypto->context, parts, (size_t)2U * TT_ITEMS, main_key);

    dg_bytes_wipe(&z, sizeof z);
    dg_bytes_wipe(&v, sizeof v);
    return status;
}

/* HKDF without salt from K_main (RFC 9383, 3.4). */
static enum dg_status expand(const struct dg_crypto *crypto,
                             const struct dg_hash *main_key,
                             dg_span info,
                             dg_buf out)
{
    struct dg_secret prk = {{0U}};
    enum dg_status status = dg_hkdf_extract(
        crypto, (dg_span){NULL, 0U}, DG_SPAN_OF(main_key->byte), &prk);

    if (status == DG_OK) {
        status = dg_hkdf_expand(crypto, &prk, &info, 1U, out);
    }
    dg_bytes_wipe(&prk, sizeof prk);
    return status;
}

static enum dg_status derive(const struct dg_crypto *crypto,
                             const struct transcript *transcript,
                             struct keys *keys)
{
    static const uint8_t confirm_info[] = {'C',
                                           'o',
                                           'n',
                                           'f',
                                           'i',
                                           'r',
                                           'm',
                                           'a',
                                           't',
                                           'i',
                                           'o',
                                           'n',
                                           'K',
                                           'e',
                                           'y',
                                           's'};
    static const uint8_t shared_info[] = {
        'S', 'h', 'a', 'r', 'e', 'd', 'K', 'e', 'y'};
    const dg_span share_p = DG_SPAN_OF(transcript->share_p.byte);
    const dg_span share_v = DG_SPAN_OF(transcript->share_v.byte);
    struct dg_hash main_key = {{0U}};
    uint8_t confirm_keys[2U * DG_HASH_SIZE];
    const dg_span key_p = {confirm_keys, DG_HASH_SIZE};
    const dg_span key_v = {&confirm_keys[DG_HASH_SIZE], DG_HASH_SIZE};
    enum dg_status status = hash_transcript(crypto, transcript, &main_key);

    if (status == DG_OK) {
        status = expand(crypto,
                        &main_key,
                        DG_SPAN_OF(confirm_info),
                        DG_BUF_OF(confirm_keys));
    }
    if (status == DG_OK) {
        status = expand(crypto,
                        &main_key,
                        DG_SPAN_OF(shared_info),
                        DG_BUF_OF(keys->shared.byte));
    }
    /* Each confirms the share of the other. */
    if (status == DG_OK) {
        status = crypto->hmac_sha256(
            crypto->context, key_p, &share_v, 1U, &keys->confirm_p);
    }
    if (status == DG_OK) {
        status = crypto->hmac_sha256(
            crypto->context, key_v, &share_p, 1U, &keys->confirm_v);
    }
    dg_bytes_wipe(&main_key, sizeof main_key);
    dg_bytes_wipe(confirm_keys, sizeof confirm_keys);
    return status;
}

enum dg_status dg_spake2plus_register(
    const struct dg_crypto *crypto,
    const struct dg_spake2plus_secrets *secrets,
    struct dg_spake2plus_record *record)
{
    static const struct dg_secret zero = {{0U}};

    if ((crypto == NULL) || (secrets == NULL) || (record == NULL)) {
        return DG_E_USAGE;
    }
    if (dg_bytes_equal(DG_SPAN_OF(secrets->w0.byte), DG_SPAN_OF(zero.byte))) {
        return DG_E_RANGE;
    }

    const enum dg_status status =
        crypto->p256_public(crypto->context, &secrets->w1, &record->l);

    if (status == DG_OK) {
        record->w0 = secrets->w0;
    }
    return status;
}

enum dg_status dg_spake2plus_start(const struct dg_crypto *crypto,
                                   const struct dg_spake2plus_secrets *secrets,
                                   struct dg_spake2plus_attempt *attempt)
{
    struct share share = {{0U}};

    if ((crypto == NULL) || (secrets == NULL) || (attempt == NULL)) {
        return DG_E_USAGE;
    }
    dg_bytes_wipe(attempt, sizeof *attempt);

    const enum dg_status status =
        make_share(crypto, &secrets->w0, &point_m, &attempt->x, &share);

    if (status == DG_OK) {
        memcpy(attempt->share_p, share.byte, sizeof attempt->share_p);
    } else {
        dg_bytes_wipe(attempt, sizeof *attempt);
    }
    return status;
}

/* Z = x * (Y - w0 * N), V = w1 * (Y - w0 * N). */
static enum dg_status meet_verifier(const struct dg_crypto *crypto,
                                    const struct dg_spake2plus_secrets *secrets,
                                    const struct dg_spake2plus_attempt *attempt,
                                    dg_span share_v,
                                    struct transcript *transcript)
{
    struct dg_public_key y;
    enum dg_status status = read_share(share_v, &y);

    if (status != DG_OK) {
        return status;
    }
    transcript->share_v = share_of(&y);
    memcpy(transcript->share_p.byte,
           attempt->share_p,
           sizeof transcript->share_p.byte);
    status = add_masked(crypto, &secrets->w0, &minus_n, &y, &y);
    if (status == DG_OK) {
        status = crypto->p256_multiply(
            crypto->context, &attempt->x, &y, &transcript->z);
    }
    if (status == DG_OK) {
        status = crypto->p256_multiply(
            crypto->context, &secrets->w1, &y, &transcript->v);
    }
    dg_bytes_wipe(&y, sizeof y);
    return status;
}

enum dg_status dg_spake2plus_finish(
    const struct dg_crypto *crypto,
    const struct dg_spake2plus_secrets *secrets,
    const struct dg_spake2plus_names *names,
    struct dg_spake2plus_attempt *attempt,
    dg_span share_v,
    dg_span confirm_v,
    uint8_t confirm_p[DG_SPAKE2PLUS_CONFIRM_SIZE],
    struct dg_secret *shared)
{
    struct transcript transcript;
    struct keys keys;

    if ((crypto == NULL) || (secrets == NULL) || (names == NULL) ||
        (attempt == NULL) || (confirm_p == NULL) || (shared == NULL)) {
        return DG_E_USAGE;
    }
    if (attempt->share_p[0] != FORM_UNCOMPRESSED) {
        return DG_E_STATE;
    }
    memset(&transcript, 0, sizeof transcript);
    transcript.names = names;
    transcript.w0 = &secrets->w0;

    enum dg_status status =
        meet_verifier(crypto, secrets, attempt, share_v, &transcript);

    if (status == DG_OK) {
        status = derive(crypto, &transcript, &keys);
    }
    if ((status == DG_OK) &&
        !dg_bytes_equal(DG_SPAN_OF(keys.confirm_v.byte), confirm_v)) {
        status = DG_E_AUTH;
    }
    if (status == DG_OK) {
        memcpy(confirm_p, keys.confirm_p.byte, DG_SPAKE2PLUS_CONFIRM_SIZE);
        *shared = keys.shared;
    }
    dg_bytes_wipe(&transcript, sizeof transcript);
    dg_bytes_wipe(&keys, sizeof keys);
    dg_bytes_wipe(attempt, sizeof *attempt);
    return status;
}

/* Z = y * (X - w0 * M), V = y * L. */
static enum dg_status meet_prover(const struct dg_crypto *crypto,
                                  const struct dg_spake2plus_record *record,
                                  dg_span share_p,
                                  struct transcript *transcript)
{
    struct dg_secret y = {{0U}};
    struct dg_public_key x;
    enum dg_status status = read_share(share_p, &x);

    if (status != DG_OK) {
        return status;
    }
    transcript->share_p = share_of(&x);
    status = add_masked(crypto, &record->w0, &minus_m, &x, &x);
    if (status == DG_OK) {
        status =
            make_share(crypto, &record->w0, &point_n, &y, &transcript->share_v);
    }
    if (status == DG_OK) {
        status = crypto->p256_multiply(crypto->context, &y, &x, &transcript->z);
    }
    if (status == DG_OK) {
        status = crypto->p256_multiply(
            crypto->context, &y, &record->l, &transcript->v);
    }
    dg_bytes_wipe(&x, sizeof x);
    dg_bytes_wipe(&y, sizeof y);
    return status;
}

enum dg_status dg_spake2plus_answer(
    const struct dg_crypto *crypto,
    const struct dg_spake2plus_record *record,
    const struct dg_spake2plus_names *names,
    dg_span share_p,
    uint8_t share_v[DG_SPAKE2PLUS_SHARE_SIZE],
    uint8_t confirm_v[DG_SPAKE2PLUS_CONFIRM_SIZE],
    struct dg_spake2plus_pending *pending)
{
    struct transcript transcript;
    struct keys keys;

    if ((crypto == NULL) || (record == NULL) || (names == NULL) ||
        (share_v == NULL) || (confirm_v == NULL) || (pending == NULL)) {
        return DG_E_USAGE;
    }
    memset(&transcript, 0, sizeof transcript);
    transcript.names = names;
    transcript.w0 = &record->w0;

    enum dg_status status = meet_prover(crypto, record, share_p, &transcript);

    if (status == DG_OK) {
        status = derive(crypto, &transcript, &keys);
    }
    if (status == DG_OK) {
        memcpy(share_v, transcript.share_v.byte, DG_SPAKE2PLUS_SHARE_SIZE);
        memcpy(confirm_v, keys.confirm_v.byte, DG_SPAKE2PLUS_CONFIRM_SIZE);
        memcpy(
            pending->confirm_p, keys.confirm_p.byte, sizeof pending->confirm_p);
        pending->shared = keys.shared;
        pending->is_waiting = true;
    }
    dg_bytes_wipe(&transcript, sizeof transcript);
    dg_bytes_wipe(&keys, sizeof keys);
    return status;
}

enum dg_status dg_spake2plus_check(struct dg_spake2plus_pending *pending,
                                   dg_span confirm_p)
{
    if (pending == NULL) {
        return DG_E_USAGE;
    }
    if (!pending->is_waiting) {
        return DG_E_STATE;
    }
    if (!dg_bytes_equal(DG_SPAN_OF(pending->confirm_p), confirm_p)) {
        dg_bytes_wipe(pending, sizeof *pending);
        return DG_E_AUTH;
    }
    return DG_OK;
}
