/* SPDX-License-Identifier: Apache-2.0 */
#include "edhoc_run.h"

#include <string.h>

#include "cmocka_all.h"
#include "dosegate/credential.h"

static void log_bytes(struct edhoc_port *port, const void *at, size_t size)
{
    assert_true(port->log_size + size <= sizeof port->log);
    if (size != 0U) {
        (void)memcpy(&port->log[port->log_size], at, size);
        port->log_size += size;
    }
}

static void log_parts(struct edhoc_port *port,
                      const dg_span *parts,
                      size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        log_bytes(port, parts[i].at, parts[i].size);
    }
}

/* Count the call, and say whether it is to fail. */
static bool is_failing(struct edhoc_port *port)
{
    const unsigned call = port->calls;

    port->calls++;
    return call == port->fail_at;
}

static enum dg_status port_sha256(void *context,
                                  const dg_span *parts,
                                  size_t count,
                                  struct dg_hash *hash)
{
    struct edhoc_port *port = context;

    if (is_failing(port)) {
        return DG_E_PORT;
    }
    log_parts(port, parts, count);

    const enum dg_status status =
        port->inner->sha256(port->inner->context, parts, count, hash);

    log_bytes(port, hash->byte, sizeof hash->byte);
    return status;
}

static enum dg_status port_hmac(void *context,
                                dg_span key,
                                const dg_span *parts,
                                size_t count,
                                struct dg_hash *mac)
{
    struct edhoc_port *port = context;

    if (is_failing(port)) {
        return DG_E_PORT;
    }
    log_bytes(port, key.at, key.size);
    log_parts(port, parts, count);

    const enum dg_status status =
        port->inner->hmac_sha256(port->inner->context, key, parts, count, mac);

    log_bytes(port, mac->byte, sizeof mac->byte);
    return status;
}

static enum dg_status port_seal(void *context,
                                const struct dg_aead_key *key,
                                size_t tag_size,
                                dg_span aad,
                                dg_span plain,
                                dg_buf out)
{
    struct edhoc_port *port = context;

    if (is_failing(port)) {
        return DG_E_PORT;
    }

    const enum dg_status status = port->inner->ccm_seal(
        port->inner->context, key, tag_size, aad, plain, out);

    log_bytes(port, key, sizeof *key);
    log_bytes(port, aad.at, aad.size);
    log_bytes(port, plain.at, plain.size);
    if (status == DG_OK) {
        log_bytes(port, out.at, plain.size + tag_size);
    }
    return status;
}

static enum dg_status port_open(void *context,
                                const struct dg_aead_key *key,
                                size_t tag_size,
                                dg_span aad,
                                dg_span sealed,
                                dg_buf out)
{
    struct edhoc_port *port = context;

    if (is_failing(port)) {
        return DG_E_PORT;
    }

    const enum dg_status status = port->inner->ccm_open(
        port->inner->context, key, tag_size, aad, sealed, out);

    log_bytes(port, key, sizeof *key);
    log_bytes(port, aad.at, aad.size);
    log_bytes(port, sealed.at, sealed.size);
    if (status == DG_OK) {
        log_bytes(port, out.at, sealed.size - tag_size);
    }
    return status;
}

static enum dg_status port_generate(void *context,
                                    struct dg_secret *private_key,
                                    struct dg_public_key *public_key)
{
    static const struct dg_secret zero;
    struct edhoc_port *port = context;
    const struct dg_crypto *inner = port->inner;

    if (is_failing(port)) {
        return DG_E_PORT;
    }
    if (memcmp(&port->ephemeral, &zero, sizeof zero) == 0) {
        return inner->p256_generate(inner->context, private_key, public_key);
    }
    *private_key = port->ephemeral;
    return inner->p256_public(inner->context, private_key, public_key);
}

static enum dg_status port_ecdh(void *context,
                                const struct dg_secret *private_key,
                                const uint8_t peer_x[DG_P256_SIZE],
                                struct dg_secret *shared)
{
    struct edhoc_port *port = context;

    if (is_failing(port)) {
        return DG_E_PORT;
    }
    log_bytes(port, private_key->byte, sizeof private_key->byte);
    log_bytes(port, peer_x, DG_P256_SIZE);

    const enum dg_status status = port->inner->p256_ecdh(
        port->inner->context, private_key, peer_x, shared);

    if (status == DG_OK) {
        log_bytes(port, shared->byte, sizeof shared->byte);
    }
    return status;
}

static enum dg_status port_sign(void *context,
                                const struct dg_secret *private_key,
                                const struct dg_hash *hash,
                                struct dg_signature *signature)
{
    static const struct dg_signature zero;
    struct edhoc_port *port = context;

    if (is_failing(port)) {
        return DG_E_PORT;
    }
    log_bytes(port, private_key->byte, sizeof private_key->byte);
    log_bytes(port, hash->byte, sizeof hash->byte);
    if (memcmp(&port->signature, &zero, sizeof zero) == 0) {
        return port->inner->es256_sign(
            port->inner->context, private_key, hash, signature);
    }
    /* The port makes random signatures, the vectors hold one of them. */
    *signature = port->signature;
    return DG_OK;
}

static enum dg_status port_verify(void *context,
                                  const struct dg_public_key *public_key,
                                  const struct dg_hash *hash,
                                  const struct dg_signature *signature)
{
    struct edhoc_port *port = context;

    if (is_failing(port)) {
        return DG_E_PORT;
    }
    log_bytes(port, public_key->x, sizeof public_key->x);
    log_bytes(port, hash->byte, sizeof hash->byte);
    log_bytes(port, signature->byte, sizeof signature->byte);
    return port->inner->es256_verify(
        port->inner->context, public_key, hash, signature);
}

bool edhoc_port_saw(const struct edhoc_port *port, dg_span bytes)
{
    for (size_t i = 0U; i + bytes.size <= port->log_size; i++) {
        if (memcmp(&port->log[i], bytes.at, bytes.size) == 0) {
            return true;
        }
    }
    return false;
}

/* Everything of an end but its keys and credentials. */
static void prepare(struct edhoc_end *end, const struct dg_crypto *inner)
{
    end->port.inner = inner;
    end->port.fail_at = EDHOC_NO_FAILURE;
    end->crypto = *inner;
    end->crypto.context = &end->port;
    end->crypto.sha256 = port_sha256;
    end->crypto.hmac_sha256 = port_hmac;
    end->crypto.ccm_seal = port_seal;
    end->crypto.ccm_open = port_open;
    end->crypto.p256_generate = port_generate;
    end->crypto.p256_ecdh = port_ecdh;
    end->crypto.es256_sign = port_sign;
    end->crypto.es256_verify = port_verify;
}

static void fresh_end(struct edhoc_end *end,
                      const struct dg_crypto *inner,
                      uint8_t kid,
                      int8_t suite)
{
    struct dg_credential credential = {.kid = kid};
    struct dg_ccs ccs;

    prepare(end, inner);
    assert_int_equal(inner->p256_generate(inner->context,
                                          &end->self.private_key,
                                          &end->self.public_key),
                     DG_OK);
    credential.key = end->self.public_key;
    assert_int_equal(dg_credential_ccs(&credential, &ccs), DG_OK);
    (void)memcpy(end->cred, ccs.byte, sizeof ccs.byte);
    end->self.cred = (dg_span){end->cred, sizeof ccs.byte};
    (void)memcpy(end->id_cred, "\xA1\x04\x41", 3U);
    end->id_cred[3] = kid;
    end->self.id_cred = (dg_span){end->id_cred, 4U};
    end->connection[0] = kid;
    end->connection_size = 1U;
    end->suites = (struct dg_edhoc_suites){
        .count = 1U, .suite = {suite}, .method = DG_METHOD_STATIC};
}

void edhoc_run_fresh(struct edhoc_run *run,
                     const struct dg_crypto *inner,
                     int8_t suite)
{
    (void)memset(run, 0, sizeof *run);
    fresh_end(&run->i, inner, 1U, suite);
    fresh_end(&run->r, inner, 2U, suite);
}

void edhoc_run_method(struct edhoc_run *run, enum dg_method method)
{
    run->i.suites.method = method;
    run->r.suites.method = method;
}

static void load_end(struct edhoc_end *end,
                     const struct dg_crypto *inner,
                     const json_t *values,
                     bool initiator)
{
    prepare(end, inner);
    (void)vectors_get(
        values, initiator ? "X" : "Y", DG_BUF_OF(end->port.ephemeral.byte));
    (void)vectors_get(values,
                      initiator ? "SK_I" : "SK_R",
                      DG_BUF_OF(end->self.private_key.byte));
    assert_int_equal(inner->p256_public(inner->context,
                                        &end->self.private_key,
                                        &end->self.public_key),
                     DG_OK);
    if (json_object_get(values,
                        initiator ? "signature_input_3"
                                  : "signature_input_2") != NULL) {
        (void)vectors_get(values,
                          initiator ? "Signature_or_MAC_3"
                                    : "Signature_or_MAC_2",
                          DG_BUF_OF(end->port.signature.byte));
    }
    end->self.id_cred = vectors_get(
        values, initiator ? "ID_CRED_I" : "ID_CRED_R", DG_BUF_OF(end->id_cred));
    end->self.cred = vectors_get(
        values, initiator ? "CRED_I" : "CRED_R", DG_BUF_OF(end->cred));
    end->connection_size = vectors_get(values,
                                       initiator ? "C_I" : "C_R",
                                       DG_BUF_OF(end->connection))
                               .size;
}

void edhoc_run_load(struct edhoc_run *run,
                    const struct dg_crypto *inner,
                    const json_t *vector)
{
    static const char *const names[] = {"EAD_1", "EAD_2", "EAD_3", "EAD_4"};
    const json_t *values = json_object_get(vector, "values");
    const json_t *value = NULL;
    const char *name = NULL;
    size_t i = 0U;

    (void)memset(run, 0, sizeof *run);
    load_end(&run->i, inner, values, true);
    load_end(&run->r, inner, values, false);
    for (unsigned k = 0U; k < 4U; k++) {
        run->ead[k] =
            vectors_get(values, names[k], DG_BUF_OF(run->ead_room[k]));
    }

    edhoc_run_method(
        run,
        (enum dg_method)(json_integer_value(json_object_get(vector, "method")) +
                         1));

    /* The Initiator selects the last one, the only one the Responder has. */
    json_array_foreach(json_object_get(vector, "suites_I"), i, value)
    {
        run->selected = run->i.suites.count;
        run->i.suites.suite[run->selected] = (int8_t)json_integer_value(value);
        run->i.suites.count++;
    }
    run->r.suites.count = 1U;
    run->r.suites.suite[0] = run->i.suites.suite[run->selected];

    json_object_foreach(json_object_get(vector, "ead_labels_used"), name, value)
    {
        if (strcmp(name, "unknown") != 0) {
            run->known[run->known_count] = (uint16_t)json_integer_value(value);
            run->known_count++;
        }
    }
}

enum dg_status edhoc_run_write(struct edhoc_run *run, unsigned number)
{
    struct edhoc_end *i = &run->i;
    struct edhoc_end *r = &run->r;
    const dg_buf room = DG_BUF_OF(run->room[number - 1U]);
    const dg_span ead = run->ead[number - 1U];
    dg_span *message = &run->message[number - 1U];

    switch (number) {
    case 1:
        return dg_edhoc_i_message_1(
            &i->edhoc,
            &i->crypto,
            &i->suites,
            run->selected,
            (dg_span){i->connection, i->connection_size},
            ead,
            room,
            message);
    case 2:
        return dg_edhoc_r_message_2(
            &r->edhoc,
            &r->crypto,
            &r->self,
            (dg_span){r->connection, r->connection_size},
            ead,
            room,
            message);
    case 3:
        return dg_edhoc_i_message_3(
            &i->edhoc, &i->crypto, &i->self, ead, room, message);
    default:
        return dg_edhoc_r_message_4(&r->edhoc, &r->crypto, ead, room, message);
    }
}

/* Both ends know both credentials, as the negative vectors ask. */
static const struct edhoc_end *look_up(const struct edhoc_run *run,
                                       dg_span id_cred)
{
    const struct edhoc_end *const ends[] = {&run->i, &run->r};

    for (size_t k = 0U; k < 2U; k++) {
        const dg_span known = ends[k]->self.id_cred;

        if ((id_cred.size == known.size) &&
            (memcmp(id_cred.at, known.at, known.size) == 0)) {
            return ends[k];
        }
    }
    return NULL;
}

static enum dg_status check_ead(struct edhoc_run *run, dg_span ead)
{
    struct dg_edhoc_ead wanted[8] = {{0}};

    for (size_t k = 0U; k < run->known_count; k++) {
        wanted[k].label = run->known[k];
    }
    run->ead_seen_size = ead.size;
    if (ead.size != 0U) {
        (void)memcpy(run->ead_seen, ead.at, ead.size);
    }
    return dg_edhoc_ead_pick(ead, wanted, run->known_count);
}

static enum dg_status verify(struct edhoc_run *run,
                             struct edhoc_end *end,
                             unsigned number,
                             const struct dg_edhoc_claim *claim)
{
    const struct edhoc_end *other = look_up(run, claim->id_cred);

    if (other == NULL) {
        return DG_E_PEER;
    }

    const struct dg_edhoc_peer peer = {other->self.public_key,
                                       other->self.cred};

    return (number == 2U) ? dg_edhoc_i_verify_message_2(
                                &end->edhoc, &end->crypto, &end->self, &peer)
                          : dg_edhoc_r_verify_message_3(
                                &end->edhoc, &end->crypto, &end->self, &peer);
}

enum dg_status edhoc_run_read(struct edhoc_run *run,
                              unsigned number,
                              dg_span message)
{
    struct edhoc_end *end = ((number % 2U) == 1U) ? &run->r : &run->i;
    struct dg_edhoc_claim claim;
    enum dg_status status = DG_OK;

    log_bytes(&run->i.port, message.at, message.size);
    log_bytes(&run->r.port, message.at, message.size);
    switch (number) {
    case 1:
        status = dg_edhoc_r_read_message_1(&end->edhoc,
                                           &end->crypto,
                                           &end->suites,
                                           message,
                                           &claim,
                                           DG_BUF_OF(run->error_room),
                                           &run->error);
        break;
    case 2:
        status = dg_edhoc_i_read_message_2(
            &end->edhoc, &end->crypto, message, &claim);
        break;
    case 3:
        status = dg_edhoc_r_read_message_3(
            &end->edhoc, &end->crypto, &end->self, message, &claim);
        break;
    default:
        status = dg_edhoc_i_read_message_4(
            &end->edhoc, &end->crypto, message, &claim);
        break;
    }
    if ((status == DG_OK) && ((number == 2U) || (number == 3U))) {
        status = verify(run, end, number, &claim);
    }
    /* After verifying: what is handed up lives on until then. */
    if (status == DG_OK) {
        status = check_ead(run, claim.ead);
    }
    return status;
}

enum dg_status edhoc_run_to(struct edhoc_run *run, unsigned last)
{
    enum dg_status status = DG_OK;

    for (unsigned number = 1U; (number <= last) && (status == DG_OK);
         number++) {
        status = edhoc_run_write(run, number);
        if (status == DG_OK) {
            status = edhoc_run_read(run, number, run->message[number - 1U]);
        }
    }
    return status;
}
