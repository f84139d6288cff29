/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/pairing.h"

#include "bytes.h"
#include "dosegate/cbor.h"
#include "hkdf.h"

#include <stddef.h>
#include <string.h>

#define CODE_VERSION 1U
/* Longest plaintext of a request: nine items, three points, a name. */
#define PLAIN_MAX 240U
/* Of an answer: six items, two points. */
#define ANSWER_MAX 144U

static const char to_device[] = "dosegate pair request 1";
static const char to_phone[] = "dosegate pair answer 1";

static void write_point(struct dg_cbor_writer *writer,
                        const struct dg_public_key *key)
{
    dg_cbor_write_bstr(writer, DG_SPAN_OF(key->x));
    dg_cbor_write_bstr(writer, DG_SPAN_OF(key->y));
}

static void read_bytes(struct dg_cbor_reader *reader, uint8_t *to, size_t size)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, size);

    if (bytes.size == size) {
        memcpy(to, bytes.at, size);
    }
}

static void read_point(struct dg_cbor_reader *reader, struct dg_public_key *key)
{
    read_bytes(reader, key->x, sizeof key->x);
    read_bytes(reader, key->y, sizeof key->y);
}

enum dg_status dg_pairing_code_encode(const struct dg_pairing_code *code,
                                      dg_buf room,
                                      dg_span *bytes)
{
    if ((code == NULL) || (bytes == NULL)) {
        return DG_E_USAGE;
    }

    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_array(&writer, 5U);
    dg_cbor_write_uint(&writer, CODE_VERSION);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(code->device.byte));
    write_point(&writer, &code->device_key);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(code->secret));
    return dg_cbor_writer_end(&writer, bytes);
}

enum dg_status dg_pairing_code_decode(dg_span bytes,
                                      struct dg_pairing_code *code)
{
    if (code == NULL) {
        return DG_E_USAGE;
    }

    struct dg_pairing_code draft;
    struct dg_cbor_reader reader;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, bytes);
    const size_t items = dg_cbor_read_array(&reader);
    const uint64_t version = dg_cbor_read_uint(&reader);

    read_bytes(&reader, draft.device.byte, sizeof draft.device.byte);
    read_point(&reader, &draft.device_key);
    read_bytes(&reader, draft.secret, sizeof draft.secret);

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (items != 5U) {
        return DG_E_MALFORMED;
    }
    if (version != CODE_VERSION) {
        return DG_E_UNSUPPORTED;
    }
    *code = draft;
    return DG_OK;
}

/* A key that is used once per nonce and direction, so the AEAD nonce may be
 * part of it. */
static enum dg_status derive(const struct dg_crypto *crypto,
                             const struct dg_pairing_code *code,
                             const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
                             const char *direction,
                             size_t direction_size,
                             struct dg_aead_key *key)
{
    struct dg_secret prk;
    uint8_t okm[DG_AEAD_KEY_SIZE + DG_AEAD_NONCE_SIZE];
    const dg_span salt = {nonce, DG_PAIRING_NONCE_SIZE};
    const dg_span info = {(const uint8_t *)direction, direction_size};
    enum dg_status status =
        dg_hkdf_extract(crypto, salt, DG_SPAN_OF(code->secret), &prk);

    if (status == DG_OK) {
        status = dg_hkdf_expand(crypto, &prk, &info, 1U, DG_BUF_OF(okm));
    }
    if (status == DG_OK) {
        memcpy(key->key, okm, sizeof key->key);
        memcpy(key->nonce, &okm[DG_AEAD_KEY_SIZE], sizeof key->nonce);
    }
    dg_bytes_wipe(&prk, sizeof prk);
    dg_bytes_wipe(okm, sizeof okm);
    return status;
}

static enum dg_status seal(const struct dg_crypto *crypto,
                           const struct dg_aead_key *key,
                           dg_span head,
                           dg_span plain,
                           dg_buf room,
                           dg_span *datagram)
{
    const size_t size = head.size + plain.size + DG_TAG_SIZE;

    if (room.capacity < size) {
        return DG_E_NO_SPACE;
    }
    memcpy(room.at, head.at, head.size);

    const enum dg_status status = crypto->ccm_seal(
        crypto->context,
        key,
        DG_TAG_SIZE,
        (dg_span){room.at, head.size},
        plain,
        (dg_buf){&room.at[head.size], room.capacity - head.size});

    if (status == DG_OK) {
        *datagram = (dg_span){room.at, size};
    }
    return status;
}

static enum dg_status open_sealed(const struct dg_crypto *crypto,
                                  const struct dg_aead_key *key,
                                  size_t head_size,
                                  dg_span datagram,
                                  dg_buf room,
                                  dg_span *plain)
{
    const dg_span head = {datagram.at, head_size};
    const dg_span sealed = {&datagram.at[head_size], datagram.size - head_size};

    if ((sealed.size < DG_TAG_SIZE) ||
        ((sealed.size - DG_TAG_SIZE) > room.capacity)) {
        return DG_E_RANGE;
    }

    const enum dg_status status =
        crypto->ccm_open(crypto->context, key, DG_TAG_SIZE, head, sealed, room);

    if (status == DG_OK) {
        *plain = (dg_span){room.at, sealed.size - DG_TAG_SIZE};
    }
    return status;
}

bool dg_pairing_is_method(enum dg_method method)
{
    return (method == DG_METHOD_SIGN) || (method == DG_METHOD_STATIC);
}

static size_t items_of(enum dg_method method)
{
    return (method == DG_METHOD_SIGN) ? 9U : 7U;
}

static bool is_same_x(const struct dg_public_key *a,
                      const struct dg_public_key *b)
{
    return memcmp(a->x, b->x, sizeof a->x) == 0;
}

/* One key, one use: the EDHOC key is not the presence key, and what agrees on
 * the knock key does not sign. */
static bool are_keys_apart(const struct dg_pairing_request *request)
{
    static const struct dg_public_key none = {{0U}, {0U}};

    if (is_same_x(&request->key, &request->presence)) {
        return false;
    }
    if (request->method == DG_METHOD_STATIC) {
        return memcmp(&request->exchange, &none, sizeof none) == 0;
    }
    return !is_same_x(&request->exchange, &request->key) &&
           !is_same_x(&request->exchange, &request->presence);
}

static bool is_request_sound(const struct dg_pairing_request *request)
{
    return dg_pairing_is_method(request->method) &&
           (request->name_size >= 1U) &&
           (request->name_size <= DG_PAIRING_NAME_MAX) &&
           (request->role >= DG_ROLE_OWNER) &&
           (request->role <= DG_ROLE_OBSERVER) && are_keys_apart(request);
}

enum dg_status dg_pairing_request_seal(
    const struct dg_crypto *crypto,
    const struct dg_pairing_code *code,
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
    const struct dg_pairing_request *request,
    dg_buf room,
    dg_span *datagram)
{
    if ((crypto == NULL) || (code == NULL) || (nonce == NULL) ||
        (request == NULL) || (datagram == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_request_sound(request)) {
        return DG_E_RANGE;
    }

    uint8_t plain_room[PLAIN_MAX];
    uint8_t head[1U + DG_PAIRING_NONCE_SIZE] = {DG_PAIRING_REQUEST_TYPE};
    struct dg_cbor_writer writer;
    dg_span plain = {NULL, 0U};
    struct dg_aead_key key;

    dg_cbor_writer_init(&writer, DG_BUF_OF(plain_room));
    dg_cbor_write_array(&writer, items_of(request->method));
    dg_cbor_write_uint(&writer, (uint64_t)request->method);
    write_point(&writer, &request->key);
    write_point(&writer, &request->presence);
    dg_cbor_write_uint(&writer, (uint64_t)request->role);
    dg_cbor_write_tstr_span(
        &writer, (dg_span){(const uint8_t *)request->name, request->name_size});
    if (request->method == DG_METHOD_SIGN) {
        write_point(&writer, &request->exchange);
    }
    memcpy(&head[1], nonce, DG_PAIRING_NONCE_SIZE);

    enum dg_status status = dg_cbor_writer_end(&writer, &plain);

    if (status != DG_OK) { /* GCOVR_EXCL_BR_LINE reason: it fits */
        return status;
    }
    status =
        derive(crypto, code, nonce, to_device, sizeof to_device - 1U, &key);
    if (status == DG_OK) {
        status = seal(crypto, &key, DG_SPAN_OF(head), plain, room, datagram);
    }
    dg_bytes_wipe(&key, sizeof key);
    return status;
}

static enum dg_status read_request(dg_span plain,
                                   struct dg_pairing_request *request)
{
    struct dg_pairing_request draft;
    struct dg_cbor_reader reader;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, plain);
    const size_t items = dg_cbor_read_array(&reader);

    draft.method = (enum dg_method)dg_cbor_read_uint_max(&reader, UINT8_MAX);
    read_point(&reader, &draft.key);
    read_point(&reader, &draft.presence);
    draft.role = (enum dg_role)dg_cbor_read_uint_max(&reader, UINT8_MAX);
    const dg_span name = dg_cbor_read_tstr(&reader);

    if (draft.method == DG_METHOD_SIGN) {
        read_point(&reader, &draft.exchange);
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if ((items != items_of(draft.method)) ||
        (name.size > DG_PAIRING_NAME_MAX)) {
        return DG_E_RANGE;
    }
    memcpy(draft.name, name.at, name.size);
    draft.name_size = (uint8_t)name.size;
    if (!is_request_sound(&draft)) {
        return DG_E_RANGE;
    }
    *request = draft;
    return DG_OK;
}

enum dg_status dg_pairing_request_open(const struct dg_crypto *crypto,
                                       const struct dg_pairing_code *code,
                                       dg_span datagram,
                                       uint8_t nonce[DG_PAIRING_NONCE_SIZE],
                                       struct dg_pairing_request *request)
{
    if ((crypto == NULL) || (code == NULL) || (nonce == NULL) ||
        (request == NULL)) {
        return DG_E_USAGE;
    }
    if ((datagram.at == NULL) ||
        (datagram.size <= (1U + DG_PAIRING_NONCE_SIZE + DG_TAG_SIZE))) {
        return DG_E_TRUNCATED;
    }
    if (datagram.at[0] != DG_PAIRING_REQUEST_TYPE) {
        return DG_E_MALFORMED;
    }

    uint8_t room[PLAIN_MAX];
    dg_span plain = {NULL, 0U};
    struct dg_aead_key key;
    enum dg_status status = derive(
        crypto, code, &datagram.at[1], to_device, sizeof to_device - 1U, &key);

    if (status == DG_OK) {
        status = open_sealed(crypto,
                             &key,
                             1U + DG_PAIRING_NONCE_SIZE,
                             datagram,
                             DG_BUF_OF(room),
                             &plain);
    }
    dg_bytes_wipe(&key, sizeof key);
    if (status != DG_OK) {
        return status;
    }
    status = read_request(plain, request);
    if (status == DG_OK) {
        memcpy(nonce, &datagram.at[1], DG_PAIRING_NONCE_SIZE);
    }
    return status;
}

enum dg_status dg_pairing_answer_seal(
    const struct dg_crypto *crypto,
    const struct dg_pairing_code *code,
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
    const struct dg_pairing_answer *answer,
    dg_buf room,
    dg_span *datagram)
{
    if ((crypto == NULL) || (code == NULL) || (nonce == NULL) ||
        (answer == NULL) || (datagram == NULL)) {
        return DG_E_USAGE;
    }

    static const uint8_t head[1] = {DG_PAIRING_ANSWER_TYPE};
    uint8_t plain_room[ANSWER_MAX];
    struct dg_cbor_writer writer;
    dg_span plain = {NULL, 0U};
    struct dg_aead_key key;

    dg_cbor_writer_init(&writer, DG_BUF_OF(plain_room));
    dg_cbor_write_array(&writer, answer->has_sign_key ? 6U : 4U);
    dg_cbor_write_uint(&writer, answer->slot);
    dg_cbor_write_uint(&writer, (uint64_t)answer->role);
    write_point(&writer, &answer->device_key);
    if (answer->has_sign_key) {
        write_point(&writer, &answer->sign_key);
    }

    enum dg_status status = dg_cbor_writer_end(&writer, &plain);

    if (status != DG_OK) { /* GCOVR_EXCL_BR_LINE reason: it fits */
        return status;
    }
    status = derive(crypto, code, nonce, to_phone, sizeof to_phone - 1U, &key);
    if (status == DG_OK) {
        status = seal(crypto, &key, DG_SPAN_OF(head), plain, room, datagram);
    }
    dg_bytes_wipe(&key, sizeof key);
    return status;
}

static enum dg_status read_answer(dg_span plain,
                                  struct dg_pairing_answer *answer)
{
    struct dg_pairing_answer draft;
    struct dg_cbor_reader reader;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, plain);
    const size_t items = dg_cbor_read_array(&reader);

    draft.slot = (uint8_t)dg_cbor_read_uint_max(&reader, 3U);
    draft.role = (enum dg_role)dg_cbor_read_uint_max(&reader, DG_ROLE_OBSERVER);
    read_point(&reader, &draft.device_key);
    draft.has_sign_key = items == 6U;
    if (draft.has_sign_key) {
        read_point(&reader, &draft.sign_key);
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (((items != 4U) && (items != 6U)) || (draft.role == DG_ROLE_NONE)) {
        return DG_E_RANGE;
    }
    *answer = draft;
    return DG_OK;
}

enum dg_status dg_pairing_answer_open(
    const struct dg_crypto *crypto,
    const struct dg_pairing_code *code,
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
    dg_span datagram,
    struct dg_pairing_answer *answer)
{
    if ((crypto == NULL) || (code == NULL) || (nonce == NULL) ||
        (answer == NULL)) {
        return DG_E_USAGE;
    }
    if ((datagram.at == NULL) || (datagram.size <= (1U + DG_TAG_SIZE))) {
        return DG_E_TRUNCATED;
    }
    if (datagram.at[0] != DG_PAIRING_ANSWER_TYPE) {
        return DG_E_MALFORMED;
    }

    uint8_t room[ANSWER_MAX];
    dg_span plain = {NULL, 0U};
    struct dg_aead_key key;
    enum dg_status status =
        derive(crypto, code, nonce, to_phone, sizeof to_phone - 1U, &key);

    if (status == DG_OK) {
        status =
            open_sealed(crypto, &key, 1U, datagram, DG_BUF_OF(room), &plain);
    }
    dg_bytes_wipe(&key, sizeof key);
    if (status != DG_OK) {
        return status;
    }

    return read_answer(plain, answer);
}
